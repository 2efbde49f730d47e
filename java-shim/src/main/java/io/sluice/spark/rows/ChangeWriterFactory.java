package io.sluice.spark.rows;

import io.sluice.spark.write.DeltaKernelDataWriterFactory;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.write.DeltaWriter;
import org.apache.spark.sql.connector.write.DeltaWriterFactory;

/**
 * Spark's {@code DeltaWriterFactory}: what a task needs, sent to every executor.
 *
 * @param rows opens writers of new rows
 * @param changes the same of change files; null if there are to be none
 * @param tracked whether new rows have their ids for good behind their columns
 */
record ChangeWriterFactory(DeltaKernelDataWriterFactory rows, DeltaKernelDataWriterFactory changes, boolean tracked)
    implements DeltaWriterFactory {
  private static final long serialVersionUID = 1L;

  @Override
  public DeltaWriter<InternalRow> createWriter(int partitionId, long taskId) {
    return new ChangeWriter(new NewRows(this, partitionId, taskId));
  }
}
