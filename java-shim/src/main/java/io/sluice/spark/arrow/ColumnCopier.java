package io.sluice.spark.arrow;

import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarBatchRow;

/**
 * Copies Spark's column vectors into lanes, column by column. Variants, user-defined types and nested values in vectors
 * that are not Spark's own go value by value through Spark's converter, each as a row of one field, so that every type
 * has a way.
 */
final class ColumnCopier {
  private static final long ONLY_SLOT = UnsafeLayout.nullBytes(1);

  private final Tally tally;
  private final Lane[] lanes;
  private final StructField[] fields;
  /** Whether a column's type has nothing user-defined in it. */
  private final boolean[] asStored;
  /** Made at the first need, as they are compiled code. */
  private final UnsafeProjection[] converters;

  ColumnCopier(StructType schema, Lane[] lanes, Tally tally) {
    this.tally = tally;
    this.lanes = lanes;
    this.fields = schema.fields();
    StructField[] stored = StorageTypes.of(schema).fields();
    this.asStored = new boolean[fields.length];
    for (int i = 0; i < fields.length; i++) {
      asStored[i] = fields[i].equals(stored[i]);
    }
    this.converters = new UnsafeProjection[lanes.length];
  }

  /** As {@link ColumnLane#putColumn}, for all columns. */
  boolean put(ColumnVector[] vectors, int from, int count, int at) {
    for (int i = 0; i < lanes.length; i++) {
      boolean all = lanes[i] instanceof ColumnLane lane && asStored[i] && lane.takes(vectors[i])
          ? lane.putColumn(vectors[i], from, count, at)
          : putConverted(i, vectors[i], from, count, at);
      if (!all) {
        return false;
      }
    }
    return true;
  }

  private boolean putConverted(int column, ColumnVector vector, int from, int count, int at) {
    UnsafeProjection converter = converter(column);
    ColumnarBatchRow value = new ColumnarBatchRow(new ColumnVector[] {vector});
    for (int i = 0; i < count; i++) {
      value.rowId = from + i;
      if (!put(lanes[column], converter.apply(value), at + i)) {
        return false;
      }
    }
    return true;
  }

  /** The size of the row bounds what its value adds to any lane. */
  private boolean put(Lane lane, UnsafeRow row, int at) {
    if (row.isNullAt(0)) {
      lane.putNull(at);
      return true;
    } else if (!tally.fits(row.getSizeInBytes())) {
      return false;
    }
    lane.put(row.getBaseObject(), row.getBaseOffset(), row.getBaseOffset() + ONLY_SLOT, at);
    return true;
  }

  private UnsafeProjection converter(int column) {
    if (converters[column] == null) {
      StructField field = fields[column];
      converters[column] = UnsafeProjection.create(StorageTypes.of(new StructType(new StructField[] {field})));
    }
    return converters[column];
  }
}
