package io.sluice.spark.rows;

import io.sluice.spark.jni.message.RowChange;
import io.sluice.spark.read.DeltaKernelScan;
import io.sluice.spark.read.DeltaKernelScanBuilder;
import io.sluice.spark.read.ReadTarget;
import io.sluice.spark.read.RowIds;
import io.sluice.spark.read.StatementReads;
import io.sluice.spark.write.WriteTarget;
import java.util.Locale;
import java.util.Optional;
import org.apache.spark.sql.connector.expressions.Expressions;
import org.apache.spark.sql.connector.expressions.NamedReference;
import org.apache.spark.sql.connector.read.ScanBuilder;
import org.apache.spark.sql.connector.write.DeltaWriteBuilder;
import org.apache.spark.sql.connector.write.LogicalWriteInfo;
import org.apache.spark.sql.connector.write.RowLevelOperation;
import org.apache.spark.sql.connector.write.SupportsDelta;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/**
 * Spark's {@code SupportsDelta}: one DELETE, UPDATE or MERGE. Its scan names rows by {@link RowIds}; Spark's plan hands back the ids of
 * those that go or change, and the new rows. What that makes of files is decided at the commit.
 */
public final class ChangeOperation implements RowLevelOperation, SupportsDelta {
  private final Command command;
  private final ReadTarget reads;
  private final WriteTarget target;
  /** What Spark planned last; null before, and for good where no row can be meant. */
  private DeltaKernelScan scan;

  /** @throws io.sluice.spark.SluiceThrowable for a table whose rows cannot be named */
  public ChangeOperation(Command command, ReadTarget reads, WriteTarget target) {
    ChangeRules.requireNames(target);
    this.command = command;
    this.reads = reads;
    this.target = target;
  }

  @Override
  public Command command() {
    return command;
  }

  @Override
  public String description() {
    return command.name().toLowerCase(Locale.ROOT) + " rows of " + target.table().table();
  }

  @Override
  public NamedReference[] rowId() {
    return RowIds.COLUMNS.stream().map(Expressions::column).toArray(NamedReference[]::new);
  }

  /** The id that an updated row keeps, in tables that track their rows. */
  @Override
  public NamedReference[] requiredMetadataAttributes() {
    boolean isKept = command != Command.DELETE && RowTracking.isOn(target.properties());
    return isKept ? new NamedReference[] {Expressions.column(RowIds.TRACKED)} : new NamedReference[0];
  }

  /** An update is an id and a row, which need not lie together. */
  @Override
  public boolean representUpdateAsDeleteAndInsert() {
    return false;
  }

  @Override
  public ScanBuilder newScanBuilder(CaseInsensitiveStringMap options) {
    return new DeltaKernelScanBuilder(reads, options, target.columns()) {
      /** What it reads is judged by the rows that are changed, not as what the statement has read besides. */
      @Override
      protected void note(DeltaKernelScan planned) {
        scan = planned;
        StatementReads.noteVersion(reads, planned.planned().summary().version());
      }
    };
  }

  @Override
  public DeltaWriteBuilder newWriteBuilder(LogicalWriteInfo info) {
    return new ChangeWriteBuilder(this, info);
  }

  RowChange.Operation operation() {
    return RowChange.Operation.valueOf(command.name());
  }

  ReadTarget reads() {
    return reads;
  }

  WriteTarget target() {
    return target;
  }

  /** Of the rows that may be changed, once it is planned; empty where no row can be meant. */
  Optional<DeltaKernelScan> scan() {
    return Optional.ofNullable(scan);
  }

  @Override
  public String toString() {
    return "Sluice " + description();
  }
}
