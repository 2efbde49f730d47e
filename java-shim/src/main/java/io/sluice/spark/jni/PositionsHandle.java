package io.sluice.spark.jni;

/** The rows that a task of a row-level change deletes and updates, held natively. Used by one thread at a time. */
public final class PositionsHandle extends NativeHandle {
  /** What becomes of a row. */
  public enum Kind {
    DELETED,
    /** Its successor is written as a new row. */
    UPDATED
  }

  private PositionsHandle(long address) {
    super("collection of positions", address);
  }

  public static PositionsHandle open() {
    NativeLibrary.load();
    return new PositionsHandle(Native.openPositions());
  }

  /**
   * Adds rows; one that is there already is counted once.
   *
   * @param address of {@code count} pairs of 64-bit numbers in native byte order, read before this returns: the number of a file in
   *     the scan ({@link PlannedScan#files}), the position of the row in the file
   */
  public void add(Kind kind, long address, int count) {
    Native.addPositions(address(), kind.ordinal(), address, count);
  }

  /** All rows added, opaque. Nothing can be added after it. */
  public byte[] finish() {
    return Native.finishPositions(address());
  }

  @Override
  void free(long open) {
    try {
      Native.closePositions(open);
    } finally {
      NativeLogs.forward();
    }
  }
}
