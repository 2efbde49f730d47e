package io.sluice.spark.write;

import io.sluice.spark.jni.Maintenance;
import io.sluice.spark.jni.ResolvedChange;
import io.sluice.spark.jni.TransactionHandle;
import io.sluice.spark.jni.message.CommitResult;
import io.sluice.spark.jni.message.Resolution;
import io.sluice.spark.jni.message.TableRead;
import io.sluice.spark.read.StatementReads;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.connector.metric.CustomTaskMetric;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a write of Spark's does on the driver: owns the native transaction from the moment the job starts until it is committed or
 * aborted. Spark answers every failure after the start, one of the commit too, with an abort.
 */
public final class WriteTransaction {
  private static final Logger LOG = LoggerFactory.getLogger(WriteTransaction.class);

  private final WriteJob job;
  /** Noted when the statement is planned: until the start others may take up the room for notes. */
  private final List<TableRead> reads;
  /** Null before the start and after the end. */
  private TransactionHandle transaction;
  private List<DeltaKernelCommitMessage> copies = List.of();
  private volatile CustomTaskMetric[] driverMetrics = new CustomTaskMetric[0];

  public WriteTransaction(WriteJob job) {
    this.job = job;
    this.reads = StatementReads.of(location());
  }

  private String location() {
    return job.transaction().table().at().location();
  }

  /**
   * Opens the transaction. Not earlier than the job starts: Spark may fail, or take long, between the write's construction and that, and
   * calls abort only for failures after it.
   *
   * @return what tasks need
   */
  public WritePlans open() {
    transaction = TransactionHandle.open(job.transaction().having(reads));
    try {
      return new WritePlans(job, transaction.plan(), job.transaction().change() == null ? null : transaction.changesPlan());
    } catch (RuntimeException | Error e) {
      end();
      throw e;
    }
  }

  /** See {@link TransactionHandle#resolve}. */
  public ResolvedChange resolve(byte[] files, byte[][] positions, Resolution resolution) {
    return transaction.resolve(files, positions, resolution);
  }

  /** See {@link TransactionHandle#stageCopies}. */
  public void stageCopies(List<DeltaKernelCommitMessage> tasks) {
    transaction.stageCopies(receipts(tasks));
    copies = tasks;
  }

  /**
   * Commits what tasks have written. The transaction stays open when this throws: whether files may be deleted is then decided by
   * {@link #abort}.
   *
   * @param tasks what each has written
   */
  public void commit(List<DeltaKernelCommitMessage> tasks) {
    Maintenance.awaitAtExit();
    CommitResult result = transaction.commit(receipts(tasks));
    if (result.attempts() > 0) {
      StatementReads.committed(location(), result.version());
    }
    end();
    driverMetrics = SluiceMetrics.ofCommit(result, Stream.concat(tasks.stream(), copies.stream()).toList());
    log(result);
  }

  /** @param tasks what each has written; null for one of which that is not known */
  public void abort(List<DeltaKernelCommitMessage> tasks) {
    if (transaction != null) {
      try {
        transaction.abort(receipts(tasks));
      } finally {
        end();
      }
    }
  }

  /** Totals known after the commit; none before. */
  public CustomTaskMetric[] driverMetrics() {
    return driverMetrics.clone();
  }

  private void end() {
    transaction.close();
    transaction = null;
  }

  private static byte[][] receipts(List<DeltaKernelCommitMessage> tasks) {
    return tasks.stream().map(task -> task == null ? null : task.receipt()).toArray(byte[][]::new);
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
