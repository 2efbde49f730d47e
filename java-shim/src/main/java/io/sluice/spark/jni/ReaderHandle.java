package io.sluice.spark.jni;

import io.sluice.spark.jni.message.Json;

/** A native reader of one partition's data files, or of a log. Used by one thread at a time. */
public final class ReaderHandle extends NativeHandle {
  private ReaderHandle(long address) {
    super("task reader", address);
  }

  /**
   * @param plan from {@link PlannedScan#plan()} of the same build
   * @param partition from {@link PlannedScan#pack}
   */
  public static ReaderHandle open(byte[] plan, byte[] partition) {
    NativeLibrary.load();
    return new ReaderHandle(Native.openReader(plan, partition));
  }

  /**
   * A reader of a slice of a file that is no table's; null if Spark has to read it. Which it is depends on nothing but the
   * footer of the file.
   *
   * @param plan from {@link PlainScan#plan} of the same build
   * @throws CorruptTableException if the file is missing, or no Parquet file
   */
  public static ReaderHandle openPlain(byte[] plan, PlainScan.Slice slice) {
    NativeLibrary.load();
    long address = Native.openPlainReader(plan, Json.write(slice));
    return address == 0 ? null : new ReaderHandle(address);
  }

  /**
   * A reader of a metadata table, which begins to replay the log.
   *
   * @param plan from {@link PlannedMetadata#plan()} of the same build
   */
  public static ReaderHandle openMetadata(byte[] plan) {
    NativeLibrary.load();
    return new ReaderHandle(Native.openMetadataReader(plan));
  }

  /**
   * The description of the next batch, or null at the end: the bytes that reader and batch hold in native memory, the
   * count of rows, then each column (see the native {@code Column::describe}). The addresses in it are valid until the next call or {@link #close}.
   *
   * @throws CorruptTableException if a file is missing or damaged
   */
  public long[] nextBatch() {
    return Native.readBatch(address());
  }

  /** Bytes fetched from storage so far. */
  public long bytes() {
    return Native.readBytes(address());
  }

  @Override
  void free(long open) {
    try {
      Native.closeReader(open);
    } finally {
      NativeLogs.forward();
    }
  }
}
