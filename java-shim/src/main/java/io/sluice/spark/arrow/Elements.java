package io.sluice.spark.arrow;

/** Room and byte count of the elements of a list or map, whose number does not follow the rows. */
final class Elements {
  private static final int INITIAL_CAPACITY = 64;

  private final Lane lane;
  private final int elementBytes;
  private final Tally tally;
  private int capacity;

  Elements(Lane lane, Tally tally) {
    this.lane = lane;
    this.elementBytes = lane.fixedBytes();
    this.tally = tally;
  }

  /** Room for {@code count} elements in all, and for some from the start: Arrow wants offsets even in an empty child. */
  void reserve(int count) {
    if (count > capacity || capacity == 0) {
      int grown = (int) Math.min(Math.max(Math.max(2L * capacity, count), INITIAL_CAPACITY), Integer.MAX_VALUE);
      lane.reserve(grown);
      capacity = grown;
    }
  }

  /** Makes room for {@code count} more elements, {@code newEnd} in all. */
  void add(int count, int newEnd) {
    reserve(newEnd);
    tally.bytes += (long) count * elementBytes;
  }

  /** Whether the batch may hold the bytes added so far. */
  boolean fit() {
    return tally.fits(0);
  }

  void free() {
    lane.free();
    capacity = 0;
  }
}
