package io.sluice.spark.read.vector;

import org.apache.spark.sql.types.DataType;

/** A column of type void. */
final class NullVector extends NativeVector {
  NullVector(DataType type) {
    super(type);
  }

  @Override
  void readValues(Description column) {
    setNull();
  }
}
