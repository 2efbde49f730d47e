package io.sluice.spark.ddl;

import io.sluice.spark.jni.TransactionHandle;
import io.sluice.spark.jni.message.TableCreation;
import io.sluice.spark.jni.message.TransactionRequest;
import io.sluice.spark.jni.message.WriterSettings;
import io.sluice.spark.table.SparkTable;
import io.sluice.spark.table.TableShape;
import io.sluice.spark.write.EngineInfo;
import io.sluice.spark.write.WriteTarget;
import java.util.Map;
import org.apache.spark.sql.connector.catalog.StagedTable;
import org.apache.spark.sql.connector.metric.CustomTaskMetric;
import org.apache.spark.sql.connector.write.LogicalWriteInfo;
import org.apache.spark.sql.connector.write.WriteBuilder;

/**
 * Spark's {@code StagedTable}: a table that its first write creates, or puts in another one's place, table and data in
 * one commit. Until then nothing of it exists, so giving it up needs no cleaning.
 */
public final class StagedSparkTable extends SparkTable implements StagedTable {
  private final NewTable table;
  private final TableCreation creation;
  private boolean written;
  private Runnable afterCommit = () -> {};

  private StagedSparkTable(NewTable table, TableCreation creation) {
    super(table.place(), table.shape(), WriteTarget.created(table.ref(), withData(creation)));
    this.table = table;
    this.creation = creation;
  }

  public static StagedSparkTable create(NewTable table) {
    return new StagedSparkTable(table, new TableCreation(table.definition(), "CREATE TABLE", null));
  }

  /** @param replaced the version that was there when Spark asked; a later one is a conflict */
  public static StagedSparkTable replace(NewTable table, long replaced) {
    return new StagedSparkTable(table, new TableCreation(table.definition(), "REPLACE TABLE", replaced));
  }

  /** @param replaced null if there was none */
  public static StagedSparkTable createOrReplace(NewTable table, Long replaced) {
    return new StagedSparkTable(table, new TableCreation(table.definition(), "CREATE OR REPLACE TABLE", replaced));
  }

  /** @param action done once the table is there, for example to register it */
  public StagedSparkTable afterCommit(Runnable action) {
    afterCommit = action;
    return this;
  }

  private static TableCreation withData(TableCreation creation) {
    return new TableCreation(creation.definition(), creation.operation() + " AS SELECT", creation.replaces());
  }

  @Override
  public WriteBuilder newWriteBuilder(LogicalWriteInfo info) {
    written = true;
    return super.newWriteBuilder(info);
  }

  /** Spark calls this only if the write, when there was one, has committed. */
  @Override
  public void commitStagedChanges() {
    if (!written) {
      commitEmpty();
    }
    afterCommit.run();
  }

  private void commitEmpty() {
    TransactionRequest request = new TransactionRequest(
        table.ref(), EngineInfo.current(), null, null, Map.of(), creation, null, null, WriterSettings.DEFAULT);
    try (TransactionHandle transaction = TransactionHandle.open(request)) {
      transaction.commit(new byte[0][]);
    }
  }

  /** None. From Spark 4.2 on, tables that can be truncated have such a method, too, and neither is the default then. */
  @Override
  public CustomTaskMetric[] reportDriverMetrics() {
    return new CustomTaskMetric[0];
  }

  /** Nothing to undo: the write has aborted, or its outcome is unknown and nothing may be deleted. */
  @Override
  public void abortStagedChanges() {}
}
