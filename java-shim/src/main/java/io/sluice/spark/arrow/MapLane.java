package io.sluice.spark.arrow;

import org.apache.spark.unsafe.Platform;

/** Maps: offsets into entries, which are a struct of key and value. */
final class MapLane extends CollectionLane {
  private final Lane key;
  private final Lane value;

  MapLane(LaneField field, StructLane entries, OffHeap memory, Tally tally) {
    super(field, "+m", "entries", entries, entries.children(), memory, tally);
    this.key = entries.children()[0];
    this.value = entries.children()[1];
  }

  @Override
  void put(Object base, long container, long slot, int at) {
    long map = UnsafeLayout.target(base, container, slot);
    long keys = map + 8;
    long values = keys + Platform.getLong(base, map);
    int count = UnsafeLayout.arrayLength(base, keys);
    int start = end();
    int newEnd = extend(count);
    key.putElements(base, keys, count, start);
    value.putElements(base, values, count, start);
    seal(at, newEnd);
  }
}
