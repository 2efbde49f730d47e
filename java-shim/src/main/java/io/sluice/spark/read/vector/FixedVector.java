package io.sluice.spark.read.vector;

import org.apache.spark.sql.types.DataType;

/** Values of the same size. */
abstract class FixedVector extends NativeVector {
  long values;
  /** Bytes a value. */
  int width;

  FixedVector(DataType type) {
    super(type);
  }

  @Override
  final void readValues(Description column) {
    values = column.next();
    width = column.nextInt();
  }

  @Override
  final void setNull() {
    super.setNull();
    values = ZEROS;
  }
}
