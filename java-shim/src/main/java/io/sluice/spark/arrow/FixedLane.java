package io.sluice.spark.arrow;

import org.apache.spark.sql.vectorized.ColumnVector;

/** Values of one fixed width, side by side. */
abstract sealed class FixedLane extends Lane implements ColumnLane permits ByteLane, ShortLane, IntLane, LongLane, SmallDecimalLane, WideDecimalLane {
  final Buffer values;
  private final int width;

  FixedLane(LaneField field, String format, int width, OffHeap memory) {
    super(field, format, memory);
    this.width = width;
    this.values = new Buffer(memory);
  }

  /** Writes the value of {@code row}, which is not null. */
  abstract void putValue(ColumnVector vector, int row, int at);

  @Override
  public boolean putColumn(ColumnVector vector, int from, int count, int at) {
    boolean nulls = vector.hasNull();
    for (int i = 0; i < count; i++) {
      if (nulls && vector.isNullAt(from + i)) {
        putNull(at + i);
      } else {
        putValue(vector, from + i, at + i);
      }
    }
    return true;
  }

  @Override
  final int fixedBytes() {
    return width;
  }

  @Override
  final void reserve(int capacity) {
    values.reserve((long) width * capacity);
    validity.reserve(capacity);
  }

  @Override
  final void truncate(int length) {
    validity.truncate(length);
  }

  @Override
  final void free() {
    values.free();
    validity.free();
  }

  @Override
  final int bufferCount() {
    return 2;
  }

  @Override
  final long buffer(int index) {
    return index == 0 ? validity.address() : values.address();
  }
}
