package io.sluice.spark.read.vector;

import java.math.BigDecimal;
import java.math.BigInteger;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.unsafe.Platform;

/** Decimals of 19 digits and more: big-endian two's complement of up to 16 bytes. */
final class WideDecimalVector extends FixedVector {
  WideDecimalVector(DataType type) {
    super(type);
  }

  @Override
  public Decimal getDecimal(int row, int precision, int scale) {
    if (isNullAt(row)) {
      return null;
    }
    byte[] unscaled = new byte[width];
    Platform.copyMemory(null, values + (long) width * index(row), unscaled, Platform.BYTE_ARRAY_OFFSET, width);
    return Decimal.apply(new BigDecimal(new BigInteger(unscaled), scale), precision, scale);
  }
}
