package io.sluice.spark.read;

import io.sluice.spark.arrow.TaskMemory;
import io.sluice.spark.jni.ReaderHandle;
import io.sluice.spark.read.vector.Description;
import io.sluice.spark.read.vector.NativeVector;
import io.sluice.spark.read.vector.Vectors;
import java.lang.ref.Cleaner;
import org.apache.spark.sql.connector.metric.CustomTaskMetric;
import org.apache.spark.sql.connector.read.PartitionReader;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.vectorized.ColumnarBatch;

/**
 * Spark's {@code PartitionReader}: one batch object whose vectors are pointed at native memory, batch after batch. The
 * memory lives until the next call, and is freed by {@link #close}, which Spark calls however the task ends. Until then
 * Spark counts it as the task's.
 *
 * <p>Some of Spark's operators (pipe, TRANSFORM) read on a thread of their own that outlives the task. While such a thread
 * may hold the batch, its memory is not freed but left to the collector of garbage, or to that thread's next call.
 */
public final class DeltaKernelPartitionReader implements PartitionReader<ColumnarBatch> {
  private static final Cleaner CLEANER = Cleaner.create();

  private final ReaderHandle reader;
  private final NativeVector[] columns;
  private final NativeBatch batch;
  private final TaskMemory memory;
  private volatile Thread user;
  private volatile boolean closed;
  /** Of a reader that is closed. */
  private long bytes;

  private DeltaKernelPartitionReader(ReaderHandle reader, NativeVector[] columns, TaskMemory memory) {
    this.reader = reader;
    this.memory = memory;
    this.columns = columns;
    this.batch = new NativeBatch(reader, columns);
  }

  /** Takes over the {@code reader}, whose columns are those of {@code schema}, for the current task. */
  public static DeltaKernelPartitionReader of(ReaderHandle reader, StructType schema) {
    return new DeltaKernelPartitionReader(reader, Vectors.of(schema), TaskMemory.ofCurrentTask());
  }

  @Override
  public boolean next() {
    user = Thread.currentThread();
    if (closed) {
      reader.close();
      throw new IllegalStateException("Cannot read on: the task has ended");
    }
    long[] described = reader.nextBatch();
    if (described == null) {
      count(0);
      return false;
    }
    Description description = new Description(described);
    count(description.next());
    batch.setNumRows(description.nextInt());
    for (NativeVector column : columns) {
      column.read(description);
    }
    return true;
  }

  @Override
  public NativeBatch get() {
    return batch;
  }

  @Override
  public CustomTaskMetric[] currentMetricsValues() {
    return new CustomTaskMetric[] {new BytesFetched.Value(bytes())};
  }

  /** Bytes fetched so far. */
  public long bytes() {
    return closed ? bytes : reader.bytes();
  }

  @Override
  public void close() {
    if (!closed) {
      bytes = reader.bytes();
      closed = true;
    }
    try {
      if (isUsedElsewhere()) {
        ReaderHandle left = reader;
        CLEANER.register(batch, left::close);
      } else {
        reader.close();
      }
    } finally {
      synchronized (memory) {
        memory.close();
      }
    }
  }

  /** Not after the end of the task, to which nothing would give it back any more. */
  private void count(long held) {
    synchronized (memory) {
      if (!closed) {
        memory.nativeBytes(held);
      }
    }
  }

  private boolean isUsedElsewhere() {
    Thread reading = user;
    return reading != null && reading != Thread.currentThread() && reading.isAlive();
  }
}
