package io.sluice.spark.arrow;

import org.apache.spark.sql.execution.vectorized.WritableColumnVector;
import org.apache.spark.sql.vectorized.ColumnVector;

/** Arrays and maps: offsets into one child, whose values are written part by part: an array's elements, a map's keys and values. */
abstract sealed class CollectionLane extends OffsetsLane implements ColumnLane permits ListLane, MapLane {
  private final String unit;
  private final Lane[] children;
  private final Lane[] parts;
  private final Elements elements;

  /** @param unit what the child's values are, for messages */
  CollectionLane(LaneField field, String format, String unit, Lane child, Lane[] parts, OffHeap memory, Tally tally) {
    super(field, format, memory);
    this.unit = unit;
    this.children = new Lane[] {child};
    this.parts = parts;
    this.elements = new Elements(child, tally);
  }

  /** Makes room for {@code count} more values of the child and returns where they end. */
  final int extend(int count) {
    int newEnd = endAfter(count, unit);
    elements.add(count, newEnd);
    return newEnd;
  }

  @Override
  void reserve(int capacity) {
    super.reserve(capacity);
    elements.reserve(0);
  }

  @Override
  public boolean takes(ColumnVector vector) {
    return ChildColumns.takes(parts, vector);
  }

  /** Rows whose contents adjoin, as they mostly do, have them copied at once. */
  @Override
  public boolean putColumn(ColumnVector vector, int from, int count, int at) {
    WritableColumnVector collections = (WritableColumnVector) vector;
    boolean nulls = vector.hasNull();
    int written = end();
    int start = 0;
    int stop = 0;
    for (int i = 0; i < count; i++) {
      if (nulls && vector.isNullAt(from + i)) {
        putNull(at + i);
        continue;
      }
      int length = collections.getArrayLength(from + i);
      int offset = collections.getArrayOffset(from + i);
      if (length > 0 && offset != stop) {
        if (!putParts(vector, start, stop, written)) {
          return false;
        }
        written = end();
        start = offset;
        stop = offset;
      }
      stop += length;
      seal(at + i, endAfter(length, unit));
    }
    return putParts(vector, start, stop, written);
  }

  private boolean putParts(ColumnVector vector, int start, int stop, int at) {
    int count = stop - start;
    elements.add(count, at + count);
    return elements.fit() && ChildColumns.put(parts, vector, start, count, at);
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
  final Lane[] children() {
    return children;
  }
}
