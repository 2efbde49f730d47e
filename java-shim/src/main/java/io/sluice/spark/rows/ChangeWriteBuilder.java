package io.sluice.spark.rows;

import io.sluice.spark.jni.message.RowChange;
import io.sluice.spark.write.WriteJob;
import io.sluice.spark.write.WriteTarget;
import org.apache.spark.sql.connector.write.DeltaWrite;
import org.apache.spark.sql.connector.write.DeltaWriteBuilder;
import org.apache.spark.sql.connector.write.LogicalWriteInfo;

/** Spark's {@code DeltaWriteBuilder}: decides everything about a change of rows before any job runs. */
final class ChangeWriteBuilder implements DeltaWriteBuilder {
  private final ChangeOperation operation;
  private final LogicalWriteInfo info;

  ChangeWriteBuilder(ChangeOperation operation, LogicalWriteInfo info) {
    this.operation = operation;
    this.info = info;
  }

  /** @throws io.sluice.spark.SluiceThrowable if the table, or rows in it, cannot be changed so */
  @Override
  public DeltaWrite build() {
    WriteTarget target = operation.target();
    ChangeRules.check(operation.operation(), target);
    WriteJob job = operation.operation() == RowChange.Operation.DELETE
        ? WriteJob.ofNoRows(target, operation.reads().schema(), info.options())
        : WriteJob.of(target, info.schema(), info.options(), null);
    return new ChangeWrite(operation, job);
  }
}
