package io.sluice.spark.read.vector;

import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarArray;
import org.apache.spark.unsafe.Platform;

/** Arrays: 32-bit offsets into the elements. */
final class ListVector extends NativeVector {
  private final NativeVector elements;
  private long offsets;

  ListVector(DataType type, NativeVector elements) {
    super(type);
    this.elements = elements;
  }

  @Override
  void readValues(Description column) {
    offsets = column.next();
    elements.read(column);
  }

  @Override
  void setNull() {
    super.setNull();
    elements.setNull();
  }

  @Override
  public ColumnarArray getArray(int row) {
    if (isNullAt(row)) {
      return null;
    }
    long offset = offsets + 4L * index(row);
    int start = Platform.getInt(null, offset);
    return new ColumnarArray(elements, start, Platform.getInt(null, offset + 4) - start);
  }

  @Override
  public ColumnVector getChild(int ordinal) {
    return elements;
  }
}
