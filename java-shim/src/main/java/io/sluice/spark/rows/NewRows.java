package io.sluice.spark.rows;

import io.sluice.spark.write.DeltaKernelCommitMessage;
import io.sluice.spark.write.DeltaKernelDataWriterFactory;
import io.sluice.spark.write.SluiceMetrics;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.connector.metric.CustomTaskMetric;
import org.apache.spark.sql.connector.write.DataWriter;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * The rows that a task brings: written to data files as an append writes them and, where a feed tells of them, to change files. Opened
 * with the first row, as many tasks have none.
 */
final class NewRows implements Closeable {
  private final ChangeWriterFactory factory;
  private final int partitionId;
  private final long taskId;
  /** What stands behind a row's own columns. */
  private final JoinedRow extended = new JoinedRow();
  /** The id of a row, and the version that wrote it, which is that of the file. */
  private final GenericInternalRow tracking = new GenericInternalRow(2);
  /** Null before the first row. */
  private DataWriter<InternalRow> rows;
  /** Null before the first row, and where no feed tells of it. */
  private DataWriter<InternalRow> changes;

  NewRows(ChangeWriterFactory factory, int partitionId, long taskId) {
    this.factory = factory;
    this.partitionId = partitionId;
    this.taskId = taskId;
  }

  /**
   * @param type of the change, as change files say it
   * @param id that the row keeps; null if it has none
   */
  void write(InternalRow row, UTF8String type, Long id) throws IOException {
    if (rows == null) {
      open();
    }
    tracking.update(0, id);
    rows.write(factory.tracked() ? extended.apply(row, tracking) : row);
    if (changes != null) {
      changes.write(extended.apply(row, new GenericInternalRow(new Object[] {type})));
    }
  }

  private void open() {
    rows = factory.rows().createWriter(partitionId, taskId);
    DeltaKernelDataWriterFactory feed = factory.changes();
    changes = feed == null ? null : feed.createWriter(partitionId, taskId);
  }

  /** What is in files now, of either kind. */
  List<DeltaKernelCommitMessage> commit() throws IOException {
    List<DeltaKernelCommitMessage> written = new ArrayList<>();
    for (DataWriter<InternalRow> writer : writers()) {
      written.add((DeltaKernelCommitMessage) writer.commit());
    }
    return written;
  }

  void abort() throws IOException {
    for (DataWriter<InternalRow> writer : writers()) {
      writer.abort();
    }
  }

  @Override
  public void close() throws IOException {
    try {
      if (changes != null) {
        changes.close();
      }
    } finally {
      if (rows != null) {
        rows.close();
      }
    }
  }

  CustomTaskMetric[] metrics() {
    return rows == null ? SluiceMetrics.ofTask(0, 0) : rows.currentMetricsValues();
  }

  /** Those that are open. That of the rows is last, whose count is the task's. */
  private List<DataWriter<InternalRow>> writers() {
    List<DataWriter<InternalRow>> open = new ArrayList<>();
    if (changes != null) {
      open.add(changes);
    }
    if (rows != null) {
      open.add(rows);
    }
    return open;
  }
}
