package io.sluice.spark.columnar;

import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarBatch;

/**
 * A whole columnar batch in the guise of a row: Spark's write tasks know no other way to hand something to a writer.
 * It has no fields, so whoever takes it for a row fails at once. Valid until the next one is asked for.
 */
public final class BatchRow extends GenericInternalRow {
  private static final long serialVersionUID = 1L;
  private static final Object[] NO_FIELDS = {};

  private final transient ColumnarBatch batch;
  private final transient int[] ordinals;

  /** @param ordinals which of the batch's columns are written, in the order of the table's */
  public BatchRow(ColumnarBatch batch, int[] ordinals) {
    super(NO_FIELDS);
    this.batch = batch;
    this.ordinals = ordinals;
  }

  public int rows() {
    return batch.numRows();
  }

  public ColumnarBatch batch() {
    return batch;
  }

  /** Which of the batch's columns are written, in the order of the table's. Not to be changed. */
  public int[] ordinals() {
    return ordinals;
  }

  public ColumnVector[] vectors() {
    ColumnVector[] vectors = new ColumnVector[ordinals.length];
    for (int i = 0; i < vectors.length; i++) {
      vectors[i] = batch.column(ordinals[i]);
    }
    return vectors;
  }

  /** Frees memory that is not reused for the next batch; to be called when all is read, as Spark's own conversion does. */
  public void free() {
    batch.closeIfFreeable();
  }
}
