package io.sluice.spark.jni;

/**
 * The only native methods. Use the facades ({@link NativeControl}, {@link TransactionHandle}, {@link TaskHandle},
 * {@link PlannedScan}, {@link PlannedMetadata}, {@link ReaderHandle}), which load the library first. Requests and answers are
 * UTF-8 JSON unless said otherwise; a handle is a non-zero number, used by one thread at a time; any method may throw a
 * {@link io.sluice.spark.SluiceThrowable}.
 */
final class Native {
  private Native() {}

  static native String buildId();

  /** Address of the C function that every lent Arrow structure names as its release callback. */
  static native long releaseCallback();

  static native byte[] control(byte[] request);

  static native long openTransaction(byte[] request);

  /** The write plan for tasks, opaque. */
  static native byte[] transactionPlan(long transaction);

  static native byte[] commitTransaction(long transaction, byte[][] receipts);

  /** Deletes the files that the receipts name, unless the commit landed or may have. Null receipts are skipped. */
  static native void abortTransaction(long transaction, byte[][] receipts);

  static native void closeTransaction(long transaction);

  /** @param schemaAddress an ArrowSchema, read during the call only */
  static native long openTask(byte[] plan, byte[] request, long schemaAddress);

  /** @param arrayAddress an ArrowArray, lent: read during the call only */
  static native void writeBatch(long task, long arrayAddress);

  /** See {@link TaskMetrics#of} for the order of the values. */
  static native long[] taskMetrics(long task);

  /** Writes out what is buffered until about {@code bytes} are free; returns the bytes freed. */
  static native long reclaimMemory(long task, long bytes);

  /** The task's receipt, opaque. After it only {@link #closeTask}. */
  static native byte[] finishTask(long task);

  /** Deletes the files this task wrote. */
  static native void abortTask(long task);

  static native void closeTask(long task);

  /** Summary (JSON), plan and files (opaque) of a scan. */
  static native byte[][] planScan(byte[] request);

  /** Keys (JSON) of the partitions of a scan's files, then the partitions, opaque. */
  static native byte[][] packScan(byte[] files, byte[] packing);

  static native long openReader(byte[] plan, byte[] partition);

  /** Summary (JSON) and plan (opaque) of a read of a metadata table. */
  static native byte[][] planMetadata(byte[] request);

  static native long openMetadataReader(byte[] plan);

  /** The plan, opaque, of a scan of files that are no table's. */
  static native byte[] planPlain(byte[] request);

  /** Zero if the file is one that Spark has to read. */
  static native long openPlainReader(byte[] plan, byte[] slice);

  /** Writes the batch that a reader is at, of its columns those given, by at most so many rows and bytes at once. */
  static native void transferBatch(long task, long reader, int[] columns, int rows, long bytes);

  /** Null at the end; else the bytes held in memory and addresses that are valid until the next call on the reader. */
  static native long[] readBatch(long reader);

  /** Bytes fetched so far. */
  static native long readBytes(long reader);

  static native void closeReader(long reader);

  static native byte[] drainLogs();
}
