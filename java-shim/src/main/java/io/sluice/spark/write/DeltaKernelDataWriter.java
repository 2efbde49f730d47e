package io.sluice.spark.write;

import io.sluice.spark.InternalException;
import io.sluice.spark.arrow.ArrowBatchWriter;
import io.sluice.spark.arrow.BatchLimits;
import io.sluice.spark.arrow.TaskMemory;
import io.sluice.spark.columnar.BatchRow;
import io.sluice.spark.constraints.RowChecker;
import io.sluice.spark.jni.NativeLibrary;
import io.sluice.spark.jni.ReaderHandle;
import io.sluice.spark.jni.TaskHandle;
import io.sluice.spark.jni.message.TaskMetrics;
import io.sluice.spark.read.NativeBatch;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.metric.CustomTaskMetric;
import org.apache.spark.sql.connector.write.DataWriter;
import org.apache.spark.sql.connector.write.WriterCommitMessage;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.vectorized.ColumnVector;

/**
 * Spark's {@code DataWriter}: fills an Arrow batch with rows and lends each full batch to the native task writer. Both
 * the Arrow memory and the native writer live until {@link #close}, which frees them whatever happened before.
 */
final class DeltaKernelDataWriter implements DataWriter<InternalRow> {
  /** One row in this many is timed: a clock read costs as much as a small row. A power of two. */
  private static final int SAMPLED_ROWS = 128;

  private final TaskMemory memory;
  private final ArrowBatchWriter batch;
  private final TaskHandle task;
  private final RowChecker checker;
  private final BatchLimits limits;
  private TaskMetrics done = TaskMetrics.NONE;
  private long rows;
  private long convertNanos;
  /** Time in lending batches, the native work on them included. */
  private long lendNanos;
  /** False while a batch is lent, and so for good once lending, committing or aborting failed or ended. */
  private boolean open = true;

  private DeltaKernelDataWriter(
      TaskMemory memory, ArrowBatchWriter batch, TaskHandle task, RowChecker checker, BatchLimits limits) {
    this.limits = limits;
    this.memory = memory;
    this.batch = batch;
    this.task = task;
    this.checker = checker;
    memory.onShortage(task::reclaimMemory);
  }

  /** Opens all three resources or none. */
  static DeltaKernelDataWriter open(
      byte[] plan, StructType schema, RowChecker checker, BatchLimits limits, int partitionId, long taskId) {
    TaskMemory memory = TaskMemory.ofCurrentTask();
    ArrowBatchWriter batch = null;
    try {
      batch = new ArrowBatchWriter(schema, limits, memory, NativeLibrary.releaseCallback());
      TaskHandle task = TaskHandle.open(plan, partitionId, taskId, null, batch.schemaAddress());
      return new DeltaKernelDataWriter(memory, batch, task, checker, limits);
    } catch (RuntimeException | Error e) {
      if (batch != null) {
        batch.close();
      }
      memory.close();
      throw e;
    }
  }

  @Override
  public void write(InternalRow row) {
    if (row instanceof BatchRow columns) {
      write(columns);
      return;
    }
    requireOpen();
    checker.check(row);
    boolean full = (++rows & (SAMPLED_ROWS - 1)) == 0 ? timed(row) : batch.write(row);
    if (full) {
      lend();
    }
  }

  /** A columnar batch, which counts as all its rows. */
  private void write(BatchRow row) {
    requireOpen();
    int count = row.rows();
    ColumnVector[] vectors = row.vectors();
    checker.check(vectors, count);
    if (row.batch() instanceof NativeBatch natively) {
      transfer(natively.reader(), row.ordinals());
      rows += count;
      return;
    }
    for (int from = 0; from < count; ) {
      long start = System.nanoTime();
      int taken = batch.writeColumns(vectors, from, count - from);
      convertNanos += System.nanoTime() - start;
      from += taken;
      rows += taken;
      if (from < count) {
        lend();
      }
    }
    row.free();
  }

  @Override
  public WriterCommitMessage commit() {
    requireOpen();
    // A row too large for the rest of its batch waits for the next one, hence more than one round.
    while (batch.rows() > 0) {
      lend();
    }
    open = false;
    long crossNanos = Math.max(0, lendNanos - done.nanos());
    byte[] receipt = task.finish();
    Killed.fail();
    done = task.metrics();
    SluiceMetrics.setTaskOutput(done);
    return new DeltaKernelCommitMessage(receipt, done, convertNanos + batch.unstagedNanos(), crossNanos);
  }

  @Override
  public void abort() {
    open = false;
    task.abort();
  }

  /** Frees everything, the native writer first as it may look at the lent memory. */
  @Override
  public void close() {
    try (memory; batch; task) {
      open = false;
    }
  }

  /** Polled every hundred rows or so: makes no native call. */
  @Override
  public CustomTaskMetric[] currentMetricsValues() {
    return SluiceMetrics.ofTask(rows, done.bytes());
  }

  private boolean timed(InternalRow row) {
    long start = System.nanoTime() - batch.unstagedNanos();
    boolean full = batch.write(row);
    convertNanos += (System.nanoTime() - batch.unstagedNanos() - start) * SAMPLED_ROWS;
    return full;
  }

  /** Rows that native code has read stay there. */
  private void transfer(ReaderHandle reader, int[] columns) {
    while (batch.rows() > 0) {
      lend();
    }
    open = false;
    long start = System.nanoTime();
    task.transfer(reader, columns, limits.rows(), limits.bytes());
    done = task.metrics();
    lendNanos += System.nanoTime() - start;
    memory.nativeBytes(done.memoryBytes());
    open = true;
  }

  private void lend() {
    open = false;
    long array = batch.arrayAddress();
    long start = System.nanoTime();
    task.writeBatch(array);
    done = task.metrics();
    lendNanos += System.nanoTime() - start;
    if (batch.stillLent()) {
      throw new InternalException("SLUICE_BATCH_NOT_RELEASED", "Cannot go on: native code kept a lent batch", null);
    }
    batch.reset();
    memory.nativeBytes(done.memoryBytes());
    open = true;
  }

  private void requireOpen() {
    if (!open) {
      throw new InternalException("SLUICE_WRITER_ENDED", "Cannot write: this task's writer has failed or ended", null);
    }
  }
}
