package io.sluice.spark.arrow;

import java.math.BigInteger;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.unsafe.Platform;

/**
 * Decimals of 19 to 38 digits as Parquet's fixed-size binary: unscaled, big-endian two's complement. Spark stores the
 * shortest such bytes; here they are sign-extended to the width of the precision.
 */
final class WideDecimalLane extends FixedLane {
  private final int width;

  WideDecimalLane(LaneField field, int precision, OffHeap memory) {
    super(field, "w:" + width(precision), width(precision), memory);
    this.width = width(precision);
  }

  /** Smallest n such that n bytes of two's complement hold {@code precision} nines: 9 to 16 bytes for 19 to 38 digits. */
  static int width(int precision) {
    return BigInteger.TEN.pow(precision).subtract(BigInteger.ONE).bitLength() / 8 + 1;
  }

  @Override
  int slotWidth() {
    return Long.BYTES;
  }

  @Override
  void put(Object base, long container, long slot, int at) {
    putBytes(base, UnsafeLayout.target(base, container, slot), UnsafeLayout.targetSize(base, slot), at);
  }

  private void putBytes(Object base, long source, int size, int at) {
    if (size < 1 || size > width) {
      throw new IllegalArgumentException(
          "Cannot write column `" + field.path() + "`: an unscaled decimal of " + size + " bytes, expected 1 to " + width);
    }
    long value = values.address() + (long) width * at;
    fill(value, Platform.getByte(base, source) < 0 ? -1L : 0L);
    UnsafeLayout.copy(base, source, value + width - size, size);
  }

  @Override
  void putNull(int at) {
    validity.setNull(at);
    fill(values.address() + (long) width * at, 0);
  }

  /** Two words cover any width from 8 to 16, overlapping. */
  private void fill(long value, long word) {
    Platform.putLong(null, value, word);
    Platform.putLong(null, value + width - Long.BYTES, word);
  }

  /** Through Spark's Decimal, which checks the precision. */
  @Override
  void putValue(ColumnVector vector, int row, int at) {
    DecimalType type = (DecimalType) vector.dataType();
    Decimal decimal = vector.getDecimal(row, type.precision(), type.scale());
    byte[] unscaled = decimal.toJavaBigDecimal().unscaledValue().toByteArray();
    putBytes(unscaled, Platform.BYTE_ARRAY_OFFSET, unscaled.length, at);
  }
}
