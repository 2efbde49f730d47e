package io.sluice.spark.arrow;

import org.apache.spark.sql.execution.vectorized.WritableColumnVector;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.unsafe.Platform;

/**
 * Eight bytes copied as they are: long, timestamps in microseconds and unscaled decimals of 10 to 18 digits ({@code l}),
 * double ({@code g}; so the bits of a NaN and of -0.0 stay).
 */
final class LongLane extends FixedLane {
  private final boolean doubles;

  LongLane(LaneField field, String format, OffHeap memory) {
    super(field, format, Long.BYTES, memory);
    this.doubles = format.equals("g");
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

  @Override
  void putStaged(StagedRows staged, int field, int at) {
    if (staged.mayHaveNull(field)) {
      super.putStaged(staged, field, at);
      return;
    }
    long[] rows = staged.rows();
    long slot = staged.slot(field);
    long target = values.address() + ((long) at << 3);
    for (int i = 0; i < staged.count(); i++) {
      Platform.putLong(null, target + ((long) i << 3), Platform.getLong(null, rows[i] + slot));
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
      Platform.copyMemory(base, slots, null, values.address() + ((long) at << 3), (long) count << 3);
    }
  }

  @Override
  void putValue(ColumnVector vector, int row, int at) {
    Platform.putLong(null, values.address() + ((long) at << 3), bits(vector, row));
  }

  private long bits(ColumnVector vector, int row) {
    if (doubles) {
      return Double.doubleToRawLongBits(vector.getDouble(row));
    } else if (vector.dataType() instanceof DecimalType type) {
      return vector.getDecimal(row, type.precision(), type.scale()).toUnscaledLong();
    }
    return vector.getLong(row);
  }

  /** Spark's own vectors yield whole arrays, decimals unscaled; slots of nulls hold anything. */
  @Override
  public boolean putColumn(ColumnVector vector, int from, int count, int at) {
    if (!(vector instanceof WritableColumnVector)) {
      return super.putColumn(vector, from, count, at);
    }
    Object array = doubles ? vector.getDoubles(from, count) : vector.getLongs(from, count);
    int start = doubles ? Platform.DOUBLE_ARRAY_OFFSET : Platform.LONG_ARRAY_OFFSET;
    Platform.copyMemory(array, start, null, values.address() + ((long) at << 3), (long) count << 3);
    validity.putColumn(vector, from, count, at);
    return true;
  }
}
