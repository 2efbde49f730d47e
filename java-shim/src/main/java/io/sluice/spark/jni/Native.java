package io.sluice.spark.jni;

/**
 * The only native methods. Use the facades ({@link NativeControl}, {@link TransactionHandle}, {@link TaskHandle},
 * {@link PositionsHandle}, {@link PlannedScan}, {@link PlannedMetadata}, {@link ReaderHandle}), which load the library first. Requests
 * and answers are UTF-8 JSON unless said otherwise; a handle is a non-zero number, used by one thread at a time; any method may throw a
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

  /**
   * What has to be done for a row-level change besides committing it: a summary (JSON), the plan of a read of the rows that stay in files
   * that are written anew, and its partitions (opaque); then, where there are change files, the same for the rows that went. Exactly once,
   * before the commit.
   *
   * @param files of the operation's scan, opaque; null if there was none
   * @param positions from {@link #finishPositions}, of every task; null ones are skipped
   * @param resolution JSON
   */
  static native byte[][] resolveChange(long transaction, byte[] files, byte[][] positions, byte[] resolution);

  /** Takes in what tasks wrote that copied rows; {@link #commitTransaction} commits it beside its own receipts. */
  static native void stageCopies(long transaction, byte[][] receipts);

  /** The write plan for tasks that write change files: the table's columns and what happened to a row; null if there are to be none. */
  static native byte[] transactionChangesPlan(long transaction);

  static native byte[] commitTransaction(long transaction, byte[][] receipts);

  /** Deletes the files that the receipts name, unless the commit landed or may have. Null receipts are skipped. */
  static native void abortTransaction(long transaction, byte[][] receipts);

  static native void closeTransaction(long transaction);

  /** @param schemaAddress an ArrowSchema, read during the call only */
  static native long openTask(byte[] plan, byte[] request, long schemaAddress);

  /** A task writer for rows that a reader of the same table gives; {@code plan} is a write plan. */
  static native long openCopyTask(byte[] plan, int partition);

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

  static native long openPositions();

  /**
   * @param kind 0: rows deleted, 1: rows updated
   * @param address of {@code count} pairs of 64-bit numbers, file and position, in native byte order, lent for the call
   */
  static native void addPositions(long positions, int kind, long address, int count);

  /** All of them, opaque. After it only {@link #closePositions}. */
  static native byte[] finishPositions(long positions);

  static native void closePositions(long positions);

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

  /** Writes the batch that a reader is at, all its columns, by at most so many rows and bytes at once. */
  static native void copyBatch(long task, long reader, int rows, long bytes);

  /** Null at the end; else the bytes held in memory and addresses that are valid until the next call on the reader. */
  static native long[] readBatch(long reader);

  /** Bytes fetched so far. */
  static native long readBytes(long reader);

  static native void closeReader(long reader);

  static native byte[] drainLogs();
}
