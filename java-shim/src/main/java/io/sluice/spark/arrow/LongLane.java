package io.sluice.spark.arrow;

import org.apache.spark.unsafe.Platform;

/**
 * Eight bytes copied as they are: long, timestamps in microseconds and unscaled decimals of 10 to 18 digits ({@code l}),
 * double ({@code g}; so the bits of a NaN and of -0.0 stay).
 */
final class LongLane extends FixedLane {
  LongLane(LaneField field, String format, OffHeap memory) {
    super(field, format, Long.BYTES, memory);
  }

  @Override
  int slotWidth() {
    return Long.BYTES;
  }

  @Override
  void put(Object base, long container, long slot, int at) {
    Platform.putLong(null, values.address() + ((long) at << 3), Platform.getLong(base, slot));
  }

  @Override
  void putNull(int at) {
    validity.setNull(at);
    Platform.putLong(null, values.address() + ((long) at << 3), 0);
  }

  /** Spark's packed elements are Arrow's: one copy when none is null. */
  @Override
  void putElements(Object base, long array, int count, int at) {
    long nullBits = array + 8;
    if (UnsafeLayout.hasNull(base, nullBits, count)) {
      super.putElements(base, array, count, at);
    } else {
      long slots = nullBits + UnsafeLayout.nullBytes(count);
      Platform.copyMemory(base, slots, null, values.address() + ((long) at << 3), (long) count << 3);
    }
  }
}
