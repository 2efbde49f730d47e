package io.sluice.spark.arrow;

import org.apache.spark.sql.vectorized.ColumnVector;

/** Nothing but nulls: no buffers, as Arrow's null type has it. */
final class VoidLane extends Lane implements ColumnLane {
  VoidLane(LaneField field, OffHeap memory) {
    super(field, "n", memory);
  }

  @Override
  int slotWidth() {
    return Long.BYTES;
  }

  @Override
  int fixedBytes() {
    return 1;
  }

  @Override
  void reserve(int capacity) {}

  @Override
  void put(Object base, long container, long slot, int at) {}

  @Override
  void putNull(int at) {}

  @Override
  void putElements(Object base, long array, int count, int at) {}

  @Override
  public boolean putColumn(ColumnVector vector, int from, int count, int at) {
    return true;
  }

  @Override
  void truncate(int length) {}

  @Override
  void free() {}

  @Override
  int nullCount(int length) {
    return length;
  }

  @Override
  int bufferCount() {
    return 0;
  }

  @Override
  long buffer(int index) {
    throw new IndexOutOfBoundsException(index);
  }
}
