package io.sluice.spark.read.vector;

import org.apache.spark.sql.types.DataType;
import org.apache.spark.unsafe.Platform;

/** 32-bit floats. */
final class FloatVector extends FixedVector {
  FloatVector(DataType type) {
    super(type);
  }

  @Override
  public float getFloat(int row) {
    return Platform.getFloat(null, values + 4L * index(row));
  }
}
