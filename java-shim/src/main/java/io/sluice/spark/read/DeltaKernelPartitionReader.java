package io.sluice.spark.read;

import io.sluice.spark.jni.ReaderHandle;
import io.sluice.spark.read.vector.Description;
import io.sluice.spark.read.vector.NativeVector;
import io.sluice.spark.write.TaskMemory;
import org.apache.spark.sql.connector.metric.CustomTaskMetric;
import org.apache.spark.sql.connector.read.PartitionReader;
import org.apache.spark.sql.vectorized.ColumnarBatch;

/**
 * Spark's {@code PartitionReader}: one batch object whose vectors are pointed at native memory, batch after batch. The
 * memory lives until the next call, and is freed by {@link #close}, which Spark calls however the task ends. Until then
 * Spark counts it as the task's.
 */
final class DeltaKernelPartitionReader implements PartitionReader<ColumnarBatch> {
  private final ReaderHandle reader;
  private final NativeVector[] columns;
  private final ColumnarBatch batch;
  private final TaskMemory memory;
  private long bytes;

  DeltaKernelPartitionReader(ReaderHandle reader, NativeVector[] columns, TaskMemory memory) {
    this.reader = reader;
    this.memory = memory;
    this.columns = columns;
    this.batch = new ColumnarBatch(columns);
  }

  @Override
  public boolean next() {
    long[] described = reader.nextBatch();
    if (described == null) {
      bytes = reader.bytes();
      memory.nativeBytes(0);
      return false;
    }
    Description description = new Description(described);
    memory.nativeBytes(description.next());
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
    try {
      reader.close();
    } finally {
      memory.close();
    }
  }
}
