package io.sluice.spark.arrow;

import java.util.function.LongUnaryOperator;
import org.apache.spark.TaskContext;
import org.apache.spark.memory.MemoryConsumer;
import org.apache.spark.memory.TaskMemoryManager;

/**
 * The native memory of one task as Spark accounts for it: what a native reader holds, or Arrow buffers and what a native
 * writer holds. When Spark refuses more, native buffers are written out instead of growing. What cannot be given back
 * (one batch; what a reader has fetched) is used all the same. Outside a task nothing is counted. For one thread at a time.
 */
public final class TaskMemory implements MemoryMeter, AutoCloseable {
  /** Spark is asked in steps of this size: a request takes a lock that all tasks share. */
  private static final long STEP = 1L << 20;

  private final Grant grant;
  private LongUnaryOperator reclaim = bytes -> 0;
  private long arrowBytes;
  private long nativeBytes;

  private TaskMemory(Grant grant) {
    this.grant = grant;
  }

  public static TaskMemory ofCurrentTask() {
    TaskContext task = TaskContext.get();
    return new TaskMemory(task == null ? null : new Grant(task.taskMemoryManager()));
  }

  /** @param reclaim frees about as many native bytes as it is asked for, and says how many */
  public void onShortage(LongUnaryOperator reclaimer) {
    this.reclaim = reclaimer;
  }

  @Override
  public void acquire(long bytes) {
    arrowBytes += bytes;
    settle();
  }

  @Override
  public void release(long bytes) {
    arrowBytes -= bytes;
  }

  /** What native code holds now. */
  public void nativeBytes(long bytes) {
    nativeBytes = bytes;
    settle();
  }

  @Override
  public void close() {
    if (grant != null) {
      grant.freeMemory(grant.getUsed());
    }
  }

  private void settle() {
    if (grant == null) {
      return;
    }
    long missing = grant.adjust(arrowBytes + nativeBytes);
    if (missing > 0 && nativeBytes > 0) {
      nativeBytes = Math.max(0, nativeBytes - reclaim.applyAsLong(missing));
      grant.adjust(arrowBytes + nativeBytes);
    }
  }

  /**
   * The pool is the one Spark itself runs on, off-heap only if the user enabled that: an off-heap pool of size zero
   * would refuse everything.
   */
  private static final class Grant extends MemoryConsumer {
    Grant(TaskMemoryManager manager) {
      super(manager, manager.pageSizeBytes(), manager.getTungstenMemoryMode());
    }

    /** Acquires or frees towards {@code wanted}; returns the bytes that were refused. */
    long adjust(long wanted) {
      long target = (wanted + STEP - 1) / STEP * STEP;
      if (target > getUsed()) {
        acquireMemory(target - getUsed());
      } else {
        freeMemory(getUsed() - target);
      }
      return Math.max(0, wanted - getUsed());
    }

    /** Nothing: Spark may ask from another thread of the task, and a native writer serves one thread. */
    @Override
    public long spill(long size, MemoryConsumer trigger) {
      return 0;
    }
  }
}
