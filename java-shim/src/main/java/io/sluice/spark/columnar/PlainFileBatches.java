package io.sluice.spark.columnar;

import io.sluice.spark.jni.ReaderHandle;
import io.sluice.spark.read.DeltaKernelPartitionReader;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import org.apache.spark.util.TaskCompletionListener;

/** The batches of one file that is read natively. The reader is closed at its end, or when the task ends. */
final class PlainFileBatches implements Iterator<ColumnarBatch> {
  private final DeltaKernelPartitionReader reader;
  private final TaskContext task;
  /** Whether the reader stands at a batch that is yet to be handed out. */
  private boolean ready;
  private boolean ended;
  private long bytes;

  PlainFileBatches(ReaderHandle reader, StructType schema, TaskContext task) {
    this.reader = DeltaKernelPartitionReader.of(reader, schema);
    this.task = task;
    task.addTaskCompletionListener((TaskCompletionListener) ending -> this.reader.close());
  }

  @Override
  public boolean hasNext() {
    if (!ready && !ended) {
      task.killTaskIfInterrupted();
      ready = reader.next();
      countBytes();
      if (!ready) {
        ended = true;
        reader.close();
      }
    }
    return ready;
  }

  @Override
  public ColumnarBatch next() {
    if (!hasNext()) {
      throw new NoSuchElementException("the file has no more batches");
    }
    ready = false;
    ColumnarBatch batch = reader.get();
    task.taskMetrics().inputMetrics().incRecordsRead(batch.numRows());
    return batch;
  }

  private void countBytes() {
    long fetched = reader.bytes();
    task.taskMetrics().inputMetrics().incBytesRead(fetched - bytes);
    bytes = fetched;
  }
}
