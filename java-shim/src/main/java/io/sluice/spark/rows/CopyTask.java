package io.sluice.spark.rows;

import io.sluice.spark.arrow.BatchLimits;
import io.sluice.spark.arrow.TaskMemory;
import io.sluice.spark.jni.ReaderHandle;
import io.sluice.spark.jni.TaskHandle;
import io.sluice.spark.write.DeltaKernelCommitMessage;
import io.sluice.spark.write.Killed;
import io.sluice.spark.write.SluiceMetrics;
import java.io.Serializable;
import org.apache.spark.TaskContext;
import scala.collection.Iterator;
import scala.runtime.AbstractFunction1;

/** Copies rows from files to new ones, natively: they never become rows of Spark's. Sent to executors. */
final class CopyTask extends AbstractFunction1<Iterator<CopyTask.Share>, DeltaKernelCommitMessage> implements Serializable {
  private static final long serialVersionUID = 1L;

  private final int batchRows;
  private final long batchBytes;

  /**
   * Of one task.
   *
   * @param from the plan of a read, opaque
   * @param slices opaque
   * @param to the plan of a write, opaque
   */
  record Share(byte[] from, byte[] slices, byte[] to) implements Serializable {
    private static final long serialVersionUID = 1L;
  }

  CopyTask(BatchLimits limits) {
    this.batchRows = limits.rows();
    this.batchBytes = limits.bytes();
  }

  /** A partition is one share. Nothing is left behind by a failure. */
  @Override
  public DeltaKernelCommitMessage apply(Iterator<Share> partition) {
    Share share = partition.next();
    try (TaskMemory memory = TaskMemory.ofCurrentTask();
        TaskHandle writer = TaskHandle.openCopy(share.to(), TaskContext.getPartitionId());
        ReaderHandle reader = ReaderHandle.open(share.from(), share.slices())) {
      memory.onShortage(writer::reclaimMemory);
      try {
        copy(reader, writer, memory);
        byte[] receipt = writer.finish();
        Killed.fail();
        SluiceMetrics.setTaskOutput(writer.metrics());
        return new DeltaKernelCommitMessage(receipt, writer.metrics(), 0, 0);
      } catch (RuntimeException | Error e) {
        writer.abort();
        throw e;
      }
    }
  }

  private void copy(ReaderHandle reader, TaskHandle writer, TaskMemory memory) {
    for (long[] batch = reader.nextBatch(); batch != null; batch = reader.nextBatch()) {
      Killed.fail();
      writer.copy(reader, batchRows, batchBytes);
      memory.nativeBytes(batch[0] + writer.metrics().memoryBytes());
    }
  }
}
