package io.sluice.spark.write;

import io.sluice.spark.jni.Maintenance;
import io.sluice.spark.jni.TransactionHandle;
import io.sluice.spark.jni.message.CommitResult;
import io.sluice.spark.jni.message.TableRead;
import io.sluice.spark.read.StatementReads;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.connector.metric.CustomTaskMetric;
import org.apache.spark.sql.connector.write.BatchWrite;
import org.apache.spark.sql.connector.write.DataWriterFactory;
import org.apache.spark.sql.connector.write.PhysicalWriteInfo;
import org.apache.spark.sql.connector.write.WriterCommitMessage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Spark's {@code BatchWrite}: owns the native transaction from the moment the job starts until it is committed or
 * aborted. Spark answers every failure after the start, one of the commit too, with {@link #abort}.
 */
final class DeltaKernelBatchWrite implements BatchWrite {
  private static final Logger LOG = LoggerFactory.getLogger(DeltaKernelBatchWrite.class);

  private final WriteJob job;
  /** Noted when the statement is planned: until the start others may take up the room for notes. */
  private final List<TableRead> reads;
  /** Null before the start and after the end. */
  private TransactionHandle transaction;
  private volatile CustomTaskMetric[] driverMetrics = new CustomTaskMetric[0];

  DeltaKernelBatchWrite(WriteJob job) {
    this.job = job;
    this.reads = StatementReads.of(location());
  }

  private String location() {
    return job.transaction().table().at().location();
  }

  /**
   * Opens the transaction. Not earlier: Spark may fail, or take long, between the write's construction and this call,
   * and calls abort only for failures after it.
   */
  @Override
  public DataWriterFactory createBatchWriterFactory(PhysicalWriteInfo info) {
    transaction = TransactionHandle.open(job.transaction().having(reads));
    try {
      return new DeltaKernelDataWriterFactory(
          transaction.plan(), job.schema(), job.checks(), job.limits().rows(), job.limits().bytes());
    } catch (RuntimeException | Error e) {
      end();
      throw e;
    }
  }

  /** Off, as it costs a round trip per task: file names are unique to an attempt, and losers' files are never named. */
  @Override
  public boolean useCommitCoordinator() {
    return false;
  }

  /** The transaction stays open when this throws: whether files may be deleted is then decided by {@link #abort}. */
  @Override
  public void commit(WriterCommitMessage[] messages) {
    Maintenance.awaitAtExit();
    CommitResult result = transaction.commit(receipts(messages));
    if (result.attempts() > 0) {
      StatementReads.committed(location(), result.version());
    }
    end();
    driverMetrics = SluiceMetrics.ofCommit(result, messages);
    log(result);
  }

  @Override
  public void abort(WriterCommitMessage[] messages) {
    if (transaction != null) {
      try {
        transaction.abort(receipts(messages));
      } finally {
        end();
      }
    }
  }

  CustomTaskMetric[] driverMetrics() {
    return driverMetrics.clone();
  }

  @Override
  public String toString() {
    return "Sluice " + job.description();
  }

  private void end() {
    transaction.close();
    transaction = null;
  }

  /** Tasks that never committed leave null. */
  private static byte[][] receipts(WriterCommitMessage[] messages) {
    return Arrays.stream(messages)
        .map(message -> message instanceof DeltaKernelCommitMessage task ? task.receipt() : null)
        .toArray(byte[][]::new);
  }

  private void log(CommitResult result) {
    String table = job.transaction().table().table();
    if (result.skipped()) {
      LOG.info("Skipped a write to {}: {} was applied before", table, job.transaction().txn());
    } else {
      LOG.info("Committed version {} of {}: {} files, {} rows, {} bytes, {} attempts in {} ms", result.version(), table,
          result.numFiles(), result.numOutputRows(), result.numOutputBytes(), result.attempts(), result.commitMillis());
    }
  }
}
