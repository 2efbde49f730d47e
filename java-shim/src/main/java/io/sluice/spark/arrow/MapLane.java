package io.sluice.spark.arrow;

import org.apache.spark.unsafe.Platform;

/** Maps: offsets into entries, which are a struct of key and value. */
final class MapLane extends OffsetsLane {
  private final Lane key;
  private final Lane value;
  private final Lane[] children;
  private final Elements elements;

  MapLane(LaneField field, StructLane entries, OffHeap memory, Tally tally) {
    super(field, "+m", memory);
    this.key = entries.children()[0];
    this.value = entries.children()[1];
    this.children = new Lane[] {entries};
    this.elements = new Elements(entries, tally);
  }

  @Override
  void reserve(int capacity) {
    super.reserve(capacity);
    elements.reserve(0);
  }

  @Override
  void put(Object base, long container, long slot, int at) {
    long map = UnsafeLayout.target(base, container, slot);
    long keys = map + 8;
    long values = keys + Platform.getLong(base, map);
    int count = UnsafeLayout.arrayLength(base, keys);
    int start = end();
    int newEnd = endAfter(count, "entries");
    elements.add(count, newEnd);
    key.putElements(base, keys, count, start);
    value.putElements(base, values, count, start);
    seal(at, newEnd);
  }

  @Override
  void truncate(int length) {
    super.truncate(length);
    children[0].truncate(end());
  }

  @Override
  void free() {
    super.free();
    elements.free();
  }

  @Override
  Lane[] children() {
    return children;
  }
}
