package io.sluice.spark.read;

import io.sluice.spark.jni.ReaderHandle;
import io.sluice.spark.read.vector.Description;
import io.sluice.spark.read.vector.NativeVector;
import org.apache.spark.sql.connector.metric.CustomTaskMetric;
import org.apache.spark.sql.connector.read.PartitionReader;
import org.apache.spark.sql.vectorized.ColumnarBatch;

/**
 * Spark's {@code PartitionReader}: one batch object whose vectors are pointed at native memory, batch after batch. The
 * memory lives until the next call, and is freed by {@link #close}, which Spark calls however the task ends.
 */
final class DeltaKernelPartitionReader implements PartitionReader<ColumnarBatch> {
  private final ReaderHandle reader;
  private final NativeVector[] columns;
  private final ColumnarBatch batch;
  private long bytes;

  DeltaKernelPartitionReader(ReaderHandle reader, NativeVector[] columns) {
    this.reader = reader;
    this.columns = columns;
    this.batch = new ColumnarBatch(columns);
  }

  @Override
  public boolean next() {
    long[] described = reader.nextBatch();
    if (described == null) {
      bytes = reader.bytes();
      return false;
    }
    Description description = new Description(described);
    batch.setNumRows(description.nextInt());
    for (NativeVector column : columns) {
      column.read(description);
    }
    return true;
  }

  @Override
  public ColumnarBatch get() {
    return batch;
  }

  @Override
  public CustomTaskMetric[] currentMetricsValues() {
    return new CustomTaskMetric[] {new BytesFetched.Value(bytes)};
  }

  @Override
  public void close() {
    reader.close();
  }
}
