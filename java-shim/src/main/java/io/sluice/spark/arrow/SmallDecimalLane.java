package io.sluice.spark.arrow;

import org.apache.spark.sql.execution.vectorized.WritableColumnVector;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.unsafe.Platform;

/** Decimals of at most 9 digits: Spark keeps them unscaled in a long, Parquet in an int32. */
final class SmallDecimalLane extends FixedLane {
  SmallDecimalLane(LaneField field, OffHeap memory) {
    super(field, "i", Integer.BYTES, memory);
  }

  @Override
  int slotWidth() {
    return Long.BYTES;
  }

  @Override
  void put(Object base, long container, long slot, int at) {
    Platform.putInt(null, values.address() + ((long) at << 2), (int) Platform.getLong(base, slot));
  }

  @Override
  void putNull(int at) {
    validity.setNull(at);
    Platform.putInt(null, values.address() + ((long) at << 2), 0);
  }

  /** Spark's own vectors hold such decimals as ints; getting a Decimal of them would make an object per value. */
  @Override
  void putValue(ColumnVector vector, int row, int at) {
    int unscaled = vector instanceof WritableColumnVector ? vector.getInt(row) : unscaled(vector, row);
    Platform.putInt(null, values.address() + ((long) at << 2), unscaled);
  }

  private static int unscaled(ColumnVector vector, int row) {
    DecimalType type = (DecimalType) vector.dataType();
    return (int) vector.getDecimal(row, type.precision(), type.scale()).toUnscaledLong();
  }
}
