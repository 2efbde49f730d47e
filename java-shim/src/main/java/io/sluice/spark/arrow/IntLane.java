package io.sluice.spark.arrow;

import org.apache.spark.sql.execution.vectorized.WritableColumnVector;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.unsafe.Platform;

/** Four bytes copied as they are: int and date ({@code i}), float ({@code f}; so the bits of a NaN and of -0.0 stay). */
final class IntLane extends FixedLane {
  private final boolean floats;

  IntLane(LaneField field, String format, OffHeap memory) {
    super(field, format, Integer.BYTES, memory);
    this.floats = format.equals("f");
  }

  @Override
  int slotWidth() {
    return Integer.BYTES;
  }

  @Override
  void put(Object base, long container, long slot, int at) {
    Platform.putInt(null, values.address() + ((long) at << 2), Platform.getInt(base, slot));
  }

  @Override
  void putNull(int at) {
    validity.setNull(at);
    Platform.putInt(null, values.address() + ((long) at << 2), 0);
  }

  @Override
  void putStaged(StagedRows staged, int field, int at) {
    if (staged.mayHaveNull(field)) {
      super.putStaged(staged, field, at);
      return;
    }
    long[] rows = staged.rows();
    long slot = staged.slot(field);
    long target = values.address() + ((long) at << 2);
    for (int i = 0; i < staged.count(); i++) {
      Platform.putInt(null, target + ((long) i << 2), Platform.getInt(null, rows[i] + slot));
    }
  }

  /** Spark's packed elements are Arrow's: one copy when none is null. */
  @Override
  void putElements(Object base, long array, int count, int at) {
    long nullBits = array + 8;
    if (UnsafeLayout.hasNull(base, nullBits, count)) {
      super.putElements(base, array, count, at);
    } else {
      long slots = nullBits + UnsafeLayout.nullBytes(count);
      Platform.copyMemory(base, slots, null, values.address() + ((long) at << 2), (long) count << 2);
    }
  }

  @Override
  void putValue(ColumnVector vector, int row, int at) {
    int bits = floats ? Float.floatToRawIntBits(vector.getFloat(row)) : vector.getInt(row);
    Platform.putInt(null, values.address() + ((long) at << 2), bits);
  }

  /** Spark's own vectors yield whole arrays, in which slots of nulls hold anything. */
  @Override
  public boolean putColumn(ColumnVector vector, int from, int count, int at) {
    if (!(vector instanceof WritableColumnVector)) {
      return super.putColumn(vector, from, count, at);
    }
    Object array = floats ? vector.getFloats(from, count) : vector.getInts(from, count);
    int start = floats ? Platform.FLOAT_ARRAY_OFFSET : Platform.INT_ARRAY_OFFSET;
    Platform.copyMemory(array, start, null, values.address() + ((long) at << 2), (long) count << 2);
    validity.putColumn(vector, from, count, at);
    return true;
  }
}
