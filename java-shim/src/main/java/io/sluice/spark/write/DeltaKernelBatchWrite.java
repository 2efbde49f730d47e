package io.sluice.spark.write;

import io.sluice.spark.jni.message.Resolution;
import io.sluice.spark.read.SessionPacking;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.connector.metric.CustomTaskMetric;
import org.apache.spark.sql.connector.write.BatchWrite;
import org.apache.spark.sql.connector.write.DataWriterFactory;
import org.apache.spark.sql.connector.write.PhysicalWriteInfo;
import org.apache.spark.sql.connector.write.WriterCommitMessage;

/** Spark's {@code BatchWrite}: rows that are added to a table, and take the place of others or not. */
final class DeltaKernelBatchWrite implements BatchWrite {
  private final WriteJob job;
  private final WriteTransaction transaction;

  DeltaKernelBatchWrite(WriteJob job) {
    this.job = job;
    this.transaction = new WriteTransaction(job);
  }

  @Override
  public DataWriterFactory createBatchWriterFactory(PhysicalWriteInfo info) {
    return transaction.open().writers();
  }

  /** Off, as it costs a round trip per task: file names are unique to an attempt, and losers' files are never named. */
  @Override
  public boolean useCommitCoordinator() {
    return false;
  }

  @Override
  public void commit(WriterCommitMessage[] messages) {
    if (job.transaction().change() != null) {
      transaction.resolve(null, new byte[0][], new Resolution(SessionPacking.by(List.of()), MergeCounts.NONE));
    }
    transaction.commit(tasks(messages));
  }

  @Override
  public void abort(WriterCommitMessage[] messages) {
    transaction.abort(tasks(messages));
  }

  CustomTaskMetric[] driverMetrics() {
    return transaction.driverMetrics();
  }

  @Override
  public String toString() {
    return "Sluice " + job.description();
  }

  /** Tasks that never committed leave null. */
  private static List<DeltaKernelCommitMessage> tasks(WriterCommitMessage[] messages) {
    return Arrays.stream(messages).map(DeltaKernelCommitMessage.class::cast).toList();
  }
}
