package io.sluice.spark.rows;

import io.sluice.spark.jni.ResolvedChange;
import io.sluice.spark.jni.message.Resolution;
import io.sluice.spark.jni.message.RowChange;
import io.sluice.spark.jni.message.ScanRequest;
import io.sluice.spark.read.DeltaKernelScan;
import io.sluice.spark.read.SessionPacking;
import io.sluice.spark.write.DeltaKernelCommitMessage;
import io.sluice.spark.write.WriteJob;
import io.sluice.spark.write.WritePlans;
import io.sluice.spark.write.WriteTransaction;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.sql.connector.metric.CustomTaskMetric;
import org.apache.spark.sql.connector.write.DeltaBatchWrite;
import org.apache.spark.sql.connector.write.DeltaWriterFactory;
import org.apache.spark.sql.connector.write.PhysicalWriteInfo;
import org.apache.spark.sql.connector.write.WriterCommitMessage;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;

/**
 * Spark's {@code DeltaBatchWrite}: once all tasks have told which rows they touched, decides what becomes of the files of these, has the
 * rows that stay in files that cannot keep their place copied, and commits all of it as one version.
 */
final class ChangeBatchWrite implements DeltaBatchWrite, CountedChange {
  /** Delta protocol, "Change Data Files". */
  private static final StructField CHANGE_TYPE = new StructField("_change_type", DataTypes.StringType, true, Metadata.empty());

  private final ChangeOperation operation;
  private final ChangeStatement statement;
  private final WriteJob job;
  private final WriteTransaction transaction;
  /** Null before the start. */
  private WritePlans plans;
  /** False once tasks may have written what nobody has told of. */
  private boolean isAllKnown = true;

  private ChangeBatchWrite(ChangeOperation operation, ChangeStatement statement, WriteJob job) {
    this.operation = operation;
    this.statement = statement;
    this.job = job;
    this.transaction = new WriteTransaction(job);
  }

  /** Of a statement that is under way: Spark has planned its scans. */
  static ChangeBatchWrite of(ChangeOperation operation, WriteJob job) {
    ChangeStatement statement = ChangeStatement.of(operation);
    Optional<DeltaKernelScan> scan = operation.scan();
    RowChange change = new RowChange(
        operation.operation(),
        scan.map(read -> read.planned().summary().version()).orElse(operation.target().version()),
        operation.target().tableId(),
        statement.parameters(),
        false,
        scan.map(read -> target(read.request(), statement)).orElse(null));
    return new ChangeBatchWrite(operation, statement, job.changing(change));
  }

  private static RowChange.Target target(ScanRequest read, ChangeStatement statement) {
    return new RowChange.Target(read.filters(), read.exactFilters(), read.session(), statement.insertsUnmatched());
  }

  @Override
  public DeltaWriterFactory createBatchWriterFactory(PhysicalWriteInfo info) {
    plans = transaction.open();
    Map<String, String> properties = operation.target().properties();
    return new ChangeWriterFactory(plans.writers(RowTracking.columns(properties)), plans.changeWriters(CHANGE_TYPE).orElse(null),
        RowTracking.isOn(properties));
  }

  /** Off, as for other writes: what a losing attempt touched and wrote is never named. */
  @Override
  public boolean useCommitCoordinator() {
    return false;
  }

  @Override
  public void commit(WriterCommitMessage[] messages) {
    commitCounted(messages, statement.counts());
  }

  @Override
  public void commitCounted(WriterCommitMessage[] messages, Map<String, Long> counts) {
    byte[][] positions = tasks(messages).map(ChangeCommitMessage::positions).toArray(byte[][]::new);
    byte[] files = operation.scan().map(scan -> scan.planned().files()).orElse(null);
    ResolvedChange resolved = transaction.resolve(files, positions, new Resolution(SessionPacking.by(List.of()), counts));
    isAllKnown = false;
    List<DeltaKernelCommitMessage> copies = Copying.run(resolved, plans, job.limits());
    transaction.stageCopies(copies);
    isAllKnown = true;
    transaction.commit(tasks(messages).flatMap(task -> task.written().stream()).toList());
  }

  /** What both jobs have written goes, unless the commit landed or may have. */
  @Override
  public void abort(WriterCommitMessage[] messages) {
    Stream<DeltaKernelCommitMessage> known = tasks(messages).flatMap(task -> task.written().stream());
    boolean isAll = isAllKnown && Arrays.stream(messages).allMatch(Objects::nonNull);
    transaction.abort(Stream.concat(known, isAll ? Stream.empty() : Stream.of((DeltaKernelCommitMessage) null)).toList());
  }

  CustomTaskMetric[] driverMetrics() {
    return transaction.driverMetrics();
  }

  @Override
  public String toString() {
    return operation.toString();
  }

  /** Those that committed. */
  private static Stream<ChangeCommitMessage> tasks(WriterCommitMessage[] messages) {
    return Arrays.stream(messages).filter(Objects::nonNull).map(ChangeCommitMessage.class::cast);
  }
}
