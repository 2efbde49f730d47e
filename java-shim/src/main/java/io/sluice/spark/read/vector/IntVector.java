package io.sluice.spark.read.vector;

import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.unsafe.Platform;

/** 32-bit numbers: byte, short, int, date, and decimals of up to 9 digits. */
final class IntVector extends FixedVector {
  IntVector(DataType type) {
    super(type);
  }

  @Override
  public int getInt(int row) {
    return Platform.getInt(null, values + 4L * index(row));
  }

  @Override
  public short getShort(int row) {
    return (short) getInt(row);
  }

  @Override
  public byte getByte(int row) {
    return (byte) getInt(row);
  }

  @Override
  public Decimal getDecimal(int row, int precision, int scale) {
    return isNullAt(row) ? null : Decimal.createUnsafe(getInt(row), precision, scale);
  }
}
