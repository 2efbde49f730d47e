package io.sluice.spark.rows;

import io.sluice.spark.jni.PositionsHandle.Kind;
import java.io.IOException;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.metric.CustomTaskMetric;
import org.apache.spark.sql.connector.write.DeltaWriter;
import org.apache.spark.sql.connector.write.WriterCommitMessage;
import org.apache.spark.unsafe.types.UTF8String;

/** Spark's {@code DeltaWriter}: keeps the ids of the rows that go or change, and writes new ones. */
final class ChangeWriter implements DeltaWriter<InternalRow> {
  /** Delta protocol, "Change Data Files". */
  private static final UTF8String INSERT = UTF8String.fromString("insert");
  private static final UTF8String UPDATE = UTF8String.fromString("update_postimage");

  private final Positions positions = new Positions();
  private final NewRows rows;

  ChangeWriter(NewRows rows) {
    this.rows = rows;
  }

  @Override
  public void delete(InternalRow metadata, InternalRow id) {
    positions.add(Kind.DELETED, id.getLong(0), id.getLong(1));
  }

  /** @param metadata the row's id for good; null where rows are not tracked */
  @Override
  public void update(InternalRow metadata, InternalRow id, InternalRow row) throws IOException {
    positions.add(Kind.UPDATED, id.getLong(0), id.getLong(1));
    rows.write(row, UPDATE, metadata == null || metadata.isNullAt(0) ? null : metadata.getLong(0));
  }

  @Override
  public void insert(InternalRow row) throws IOException {
    rows.write(row, INSERT, null);
  }

  @Override
  public WriterCommitMessage commit() throws IOException {
    return new ChangeCommitMessage(positions.finish(), rows.commit());
  }

  @Override
  public void abort() throws IOException {
    rows.abort();
  }

  @Override
  public void close() throws IOException {
    try (positions) {
      rows.close();
    }
  }

  @Override
  public CustomTaskMetric[] currentMetricsValues() {
    return rows.metrics();
  }
}
