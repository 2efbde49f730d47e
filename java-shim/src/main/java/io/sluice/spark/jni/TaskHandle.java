package io.sluice.spark.jni;

import io.sluice.spark.jni.message.Json;
import io.sluice.spark.jni.message.TaskMetrics;
import java.util.LinkedHashMap;
import java.util.Map;

/** A native task writer: takes lent Arrow batches, gives back a receipt. Used by one thread at a time. */
public final class TaskHandle extends NativeHandle {
  private TaskHandle(long address) {
    super("task writer", address);
  }

  /**
   * @param plan from {@link TransactionHandle#plan()} of the same build
   * @param memoryBytes what the writer may hold, or null for its own choice
   * @param schemaAddress address of an ArrowSchema struct, read before this returns and not kept
   */
  public static TaskHandle open(
      byte[] plan, int partitionId, long taskId, Long memoryBytes, long schemaAddress) {
    NativeLibrary.load();
    Map<String, Object> request = new LinkedHashMap<>();
    request.put("partitionId", partitionId);
    request.put("taskId", taskId);
    request.put("memoryBytes", memoryBytes);
    return new TaskHandle(Native.openTask(plan, Json.write(request), schemaAddress));
  }

  /**
   * A writer of rows that a reader of the same table gives.
   *
   * @param plan from {@link TransactionHandle#plan()} or {@link TransactionHandle#changesPlan()} of the same build
   */
  public static TaskHandle openCopy(byte[] plan, int partitionId) {
    NativeLibrary.load();
    return new TaskHandle(Native.openCopyTask(plan, partitionId));
  }

  /** @param arrayAddress address of an ArrowArray struct with at least one row, lent for this call */
  public void writeBatch(long arrayAddress) {
    Native.writeBatch(address(), arrayAddress);
  }

  /**
   * Writes the batch that a reader is at, without a copy in Java.
   *
   * @param columns which of the reader's columns are written, in the order of the writer's
   * @param rows at most so many at once
   * @param bytes of values at most so many at once, unless one row has more
   */
  public void transfer(ReaderHandle reader, int[] columns, int rows, long bytes) {
    Native.transferBatch(address(), reader.address(), columns, rows, bytes);
  }

  /**
   * Writes the batch that a reader is at, all its columns; for a writer of {@link #openCopy}.
   *
   * @param rows at most so many at once
   * @param bytes of values at most so many at once, unless one row has more
   */
  public void copy(ReaderHandle reader, int rows, long bytes) {
    Native.copyBatch(address(), reader.address(), rows, bytes);
  }

  public TaskMetrics metrics() {
    return TaskMetrics.of(Native.taskMetrics(address()));
  }

  /** Writes out what is buffered until about {@code bytes} are free; returns the bytes freed. */
  public long reclaimMemory(long bytes) {
    return Native.reclaimMemory(address(), bytes);
  }

  /** Closes all files and returns the receipt to commit. Nothing can be written after it. */
  public byte[] finish() {
    return Native.finishTask(address());
  }

  /** Deletes the files of this task. */
  public void abort() {
    Native.abortTask(address());
  }

  @Override
  void free(long open) {
    try {
      Native.closeTask(open);
    } finally {
      NativeLogs.forward();
    }
  }
}
