package io.sluice.spark.read.vector;

import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.vectorized.ColumnVector;

/** Structs, and variants, which are structs of value and metadata. */
final class StructVector extends NativeVector {
  private final NativeVector[] children;

  StructVector(DataType type, NativeVector[] children) {
    super(type);
    this.children = children;
  }

  @Override
  void readValues(Description column) {
    for (NativeVector child : children) {
      child.read(column);
    }
  }

  @Override
  void setNull() {
    super.setNull();
    for (NativeVector child : children) {
      child.setNull();
    }
  }

  @Override
  public ColumnVector getChild(int ordinal) {
    return children[ordinal];
  }
}
