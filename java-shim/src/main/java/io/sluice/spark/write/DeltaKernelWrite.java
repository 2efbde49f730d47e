package io.sluice.spark.write;

import io.sluice.spark.InvalidInputException;
import io.sluice.spark.columnar.TakesBatches;
import io.sluice.spark.error.Unchecked;
import io.sluice.spark.jni.message.StorageLocation;
import org.apache.spark.sql.connector.metric.CustomMetric;
import org.apache.spark.sql.connector.metric.CustomTaskMetric;
import org.apache.spark.sql.connector.write.BatchWrite;
import org.apache.spark.sql.connector.write.Write;
import org.apache.spark.sql.connector.write.streaming.StreamingWrite;

/** Spark's {@code Write}: an append that is planned and not yet begun. */
final class DeltaKernelWrite implements Write, TakesBatches {
  private final WriteJob job;
  private volatile DeltaKernelBatchWrite batch;

  DeltaKernelWrite(WriteJob job) {
    this.job = job;
  }

  @Override
  public String description() {
    return job.description();
  }

  @Override
  public StorageLocation at() {
    return job.transaction().table().at();
  }

  @Override
  public BatchWrite toBatch() {
    batch = new DeltaKernelBatchWrite(job);
    return batch;
  }

  @Override
  public StreamingWrite toStreaming() {
    throw Unchecked.raise(new InvalidInputException(
        "SLUICE_UNSUPPORTED_WRITE_MODE",
        "Cannot stream into " + job.transaction().table().table()
            + ": only batch appends are supported so far. Append each micro-batch with foreachBatch, "
            + "with the options txnAppId and txnVersion to apply it once",
        null));
  }

  @Override
  public CustomMetric[] supportedCustomMetrics() {
    return SluiceMetrics.supported();
  }

  /** Totals known after the commit; none if the write did not get that far. */
  @Override
  public CustomTaskMetric[] reportDriverMetrics() {
    DeltaKernelBatchWrite started = batch;
    return started == null ? new CustomTaskMetric[0] : started.driverMetrics();
  }

  /** Shown as the write's node in the SQL tab of the Spark UI. */
  @Override
  public String toString() {
    return "Sluice " + job.description();
  }
}
