package io.sluice.spark.read.vector;

import org.apache.spark.sql.types.DataType;

/** One bit a row. */
final class BooleanVector extends NativeVector {
  private long bits;
  private int firstBit;

  BooleanVector(DataType type) {
    super(type);
  }

  @Override
  void readValues(Description column) {
    bits = column.next();
    firstBit = column.nextInt();
  }

  @Override
  void setNull() {
    super.setNull();
    bits = ZEROS;
    firstBit = 0;
  }

  @Override
  public boolean getBoolean(int row) {
    return bit(bits, firstBit + index(row));
  }
}
