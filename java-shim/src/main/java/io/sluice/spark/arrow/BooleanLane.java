package io.sluice.spark.arrow;

import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.unsafe.Platform;

/** Booleans, one bit each. */
final class BooleanLane extends Lane implements ColumnLane {
  private final Buffer bits;

  BooleanLane(LaneField field, OffHeap memory) {
    super(field, "b", memory);
    this.bits = new Buffer(memory);
  }

  @Override
  int slotWidth() {
    return 1;
  }

  @Override
  int fixedBytes() {
    return 1;
  }

  @Override
  void reserve(int capacity) {
    bits.reserve((capacity + 7L) >>> 3);
    validity.reserve(capacity);
  }

  @Override
  void put(Object base, long container, long slot, int at) {
    set(at, Platform.getBoolean(base, slot) ? 1 : 0);
  }

  @Override
  void putNull(int at) {
    validity.setNull(at);
    set(at, 0);
  }

  @Override
  public boolean putColumn(ColumnVector vector, int from, int count, int at) {
    boolean nulls = vector.hasNull();
    for (int i = 0; i < count; i++) {
      if (nulls && vector.isNullAt(from + i)) {
        putNull(at + i);
      } else {
        set(at + i, vector.getBoolean(from + i) ? 1 : 0);
      }
    }
    return true;
  }

  /** Writes the bit whatever it was, so that the bitmap never needs clearing. */
  private void set(int at, int bit) {
    long cell = bits.address() + (at >>> 3);
    int others = Platform.getByte(null, cell) & ~(1 << (at & 7));
    Platform.putByte(null, cell, (byte) (others | bit << (at & 7)));
  }

  @Override
  void truncate(int length) {
    validity.truncate(length);
  }

  @Override
  void free() {
    bits.free();
    validity.free();
  }

  @Override
  int bufferCount() {
    return 2;
  }

  @Override
  long buffer(int index) {
    return index == 0 ? validity.address() : bits.address();
  }
}
