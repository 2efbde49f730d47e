package io.sluice.spark.write;

import io.sluice.spark.InvalidInputException;
import io.sluice.spark.columnar.TakesBatches;
import io.sluice.spark.error.Unchecked;
import io.sluice.spark.jni.message.RowChange;
import io.sluice.spark.jni.message.StorageLocation;
import io.sluice.spark.jni.message.TableRead;
import io.sluice.spark.read.FilterMessage;
import io.sluice.spark.read.ReadSettings;
import io.sluice.spark.read.StatementReads;
import java.util.List;
import org.apache.spark.sql.connector.metric.CustomMetric;
import org.apache.spark.sql.connector.metric.CustomTaskMetric;
import org.apache.spark.sql.connector.write.BatchWrite;
import org.apache.spark.sql.connector.write.Write;
import org.apache.spark.sql.connector.write.streaming.StreamingWrite;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/** Spark's {@code Write}: an append that is planned and not yet begun. */
final class DeltaKernelWrite implements Write, TakesBatches {
  private final WriteTarget target;
  private final WriteJob job;
  private volatile DeltaKernelBatchWrite batch;

  DeltaKernelWrite(WriteTarget target, WriteJob job) {
    this.target = target;
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
    WriteJob told = target.create() == null && job.transaction().overwrite() == null
        ? InsertingMerge.of(this).map(merge -> job.changing(change(merge))).orElse(job)
        : job;
    batch = new DeltaKernelBatchWrite(told);
    return batch;
  }

  /** What it has read of the table is among the statement's reads. */
  private RowChange change(InsertingMerge merge) {
    long version = StatementReads.of(at().location()).stream().mapToLong(TableRead::version).max().orElse(target.version());
    RowChange.Target read = new RowChange.Target(
        List.of(FilterMessage.NONE), List.of(), ReadSettings.of(CaseInsensitiveStringMap.empty()), true);
    return new RowChange(RowChange.Operation.MERGE, version, target.tableId(), merge.parameters(), true, read);
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
