package io.sluice.spark.read.vector;

import org.apache.spark.sql.types.DataType;
import org.apache.spark.unsafe.Platform;

/** 64-bit floats. */
final class DoubleVector extends FixedVector {
  DoubleVector(DataType type) {
    super(type);
  }

  @Override
  public double getDouble(int row) {
    return Platform.getDouble(null, values + 8L * index(row));
  }
}
