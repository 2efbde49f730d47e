package io.sluice.spark.write;

import io.sluice.spark.constraints.RowChecks;
import java.util.Optional;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * What tasks are told of an open transaction.
 *
 * @param rows the plan of data files, opaque
 * @param changes the plan of change files (Delta protocol, "Change Data Files"), opaque; null if there are to be none
 */
public record WritePlans(WriteJob job, byte[] rows, byte[] changes) {
  /** @param beside columns that data files have behind those of the job's rows */
  public DeltaKernelDataWriterFactory writers(StructField... beside) {
    return factory(rows, with(beside), job.checks());
  }

  /**
   * Of rows that data files hold, too.
   *
   * @param beside columns that change files have behind those of the job's rows
   */
  public Optional<DeltaKernelDataWriterFactory> changeWriters(StructField... beside) {
    return Optional.ofNullable(changes).map(plan -> factory(plan, with(beside), job.checks().none()));
  }

  private DeltaKernelDataWriterFactory factory(byte[] plan, StructType schema, RowChecks checks) {
    return new DeltaKernelDataWriterFactory(plan, schema, checks, job.limits().rows(), job.limits().bytes());
  }

  private StructType with(StructField... beside) {
    StructType schema = job.schema();
    for (StructField column : beside) {
      schema = schema.add(column);
    }
    return schema;
  }
}
