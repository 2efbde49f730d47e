package io.sluice.spark.table;

import io.sluice.spark.jni.NativeControl;
import io.sluice.spark.write.EngineInfo;
import io.sluice.spark.write.WriteTarget;
import org.apache.spark.sql.connector.catalog.StagedTable;
import org.apache.spark.sql.connector.write.LogicalWriteInfo;
import org.apache.spark.sql.connector.write.WriteBuilder;

/**
 * Spark's {@code StagedTable}: a table that its first write creates, table and data in one commit. Until then nothing
 * of it exists, so giving it up needs no cleaning.
 */
public final class StagedSparkTable extends SparkTable implements StagedTable {
  private final NewTable table;
  private boolean written;

  public StagedSparkTable(NewTable table) {
    super(
        table.place().name(),
        table.place().location().toString(),
        TableShape.of(table),
        WriteTarget.created(table.ref(), table.definition()));
    this.table = table;
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
      NativeControl.createTable(table.ref(), table.definition(), EngineInfo.current());
    }
  }

  /** Nothing to undo: the write has aborted, or its outcome is unknown and nothing may be deleted. */
  @Override
  public void abortStagedChanges() {}
}
