package io.sluice.spark.read.vector;

import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarMap;
import org.apache.spark.unsafe.Platform;

/** Maps: 32-bit offsets into keys and values. */
final class MapVector extends NativeVector {
  private final NativeVector keys;
  private final NativeVector values;
  private long offsets;

  MapVector(DataType type, NativeVector keys, NativeVector values) {
    super(type);
    this.keys = keys;
    this.values = values;
  }

  @Override
  void readValues(Description column) {
    offsets = column.next();
    keys.read(column);
    values.read(column);
  }

  @Override
  void setNull() {
    super.setNull();
    keys.setNull();
    values.setNull();
  }

  @Override
  public ColumnarMap getMap(int row) {
    if (isNullAt(row)) {
      return null;
    }
    long offset = offsets + 4L * index(row);
    int start = Platform.getInt(null, offset);
    return new ColumnarMap(keys, values, start, Platform.getInt(null, offset + 4) - start);
  }

  @Override
  public ColumnVector getChild(int ordinal) {
    return ordinal == 0 ? keys : values;
  }
}
