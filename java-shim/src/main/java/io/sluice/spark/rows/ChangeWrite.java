package io.sluice.spark.rows;

import io.sluice.spark.write.SluiceMetrics;
import io.sluice.spark.write.WriteJob;
import org.apache.spark.sql.connector.metric.CustomMetric;
import org.apache.spark.sql.connector.metric.CustomTaskMetric;
import org.apache.spark.sql.connector.write.DeltaBatchWrite;
import org.apache.spark.sql.connector.write.DeltaWrite;

/** Spark's {@code DeltaWrite}: a change of rows that is planned and not yet begun. */
final class ChangeWrite implements DeltaWrite {
  private final ChangeOperation operation;
  private final WriteJob job;
  private volatile ChangeBatchWrite batch;

  ChangeWrite(ChangeOperation operation, WriteJob job) {
    this.operation = operation;
    this.job = job;
  }

  @Override
  public String description() {
    return operation.description();
  }

  @Override
  public DeltaBatchWrite toBatch() {
    batch = ChangeBatchWrite.of(operation, job);
    return batch;
  }

  @Override
  public CustomMetric[] supportedCustomMetrics() {
    return SluiceMetrics.supported();
  }

  /** Totals known after the commit; none if the change did not get that far. */
  @Override
  public CustomTaskMetric[] reportDriverMetrics() {
    ChangeBatchWrite started = batch;
    return started == null ? new CustomTaskMetric[0] : started.driverMetrics();
  }

  /** Shown as the write's node in the SQL tab of the Spark UI. */
  @Override
  public String toString() {
    return "Sluice " + description();
  }
}
