package io.sluice.spark.write;

import io.sluice.spark.arrow.BatchLimits;
import io.sluice.spark.constraints.RowChecker;
import io.sluice.spark.constraints.RowChecks;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.write.DataWriter;
import org.apache.spark.sql.connector.write.DataWriterFactory;
import org.apache.spark.sql.types.StructType;

/** Spark's {@code DataWriterFactory}: what a task needs, sent to every executor. */
public final class DeltaKernelDataWriterFactory implements DataWriterFactory {
  private static final long serialVersionUID = 1L;

  private final byte[] plan;
  private final StructType schema;
  private final RowChecks checks;
  private final int batchRows;
  private final long batchBytes;

  /** @param plan opaque, from the driver's native transaction */
  DeltaKernelDataWriterFactory(byte[] plan, StructType schema, RowChecks checks, int batchRows, long batchBytes) {
    this.plan = plan;
    this.schema = schema;
    this.checks = checks;
    this.batchRows = batchRows;
    this.batchBytes = batchBytes;
  }

  @Override
  public DataWriter<InternalRow> createWriter(int partitionId, long taskId) {
    RowChecker checker = checks.open(partitionId);
    BatchLimits limits = new BatchLimits(batchRows, batchBytes);
    return DeltaKernelDataWriter.open(plan, schema, checker, limits, partitionId, taskId);
  }
}
