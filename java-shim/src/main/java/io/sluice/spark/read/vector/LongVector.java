package io.sluice.spark.read.vector;

import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.unsafe.Platform;

/** 64-bit numbers: long, both timestamps, and decimals of 10 to 18 digits. */
final class LongVector extends FixedVector {
  LongVector(DataType type) {
    super(type);
  }

  @Override
  public long getLong(int row) {
    return Platform.getLong(null, values + 8L * index(row));
  }

  @Override
  public Decimal getDecimal(int row, int precision, int scale) {
    return isNullAt(row) ? null : Decimal.createUnsafe(getLong(row), precision, scale);
  }
}
