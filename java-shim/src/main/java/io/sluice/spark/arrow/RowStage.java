package io.sluice.spark.arrow;

import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.unsafe.Platform;

/** The next rows of a batch, copied as they are to native memory. */
final class RowStage {
  /** Rows and lanes' ends together stay within a second-level cache. */
  static final int BYTES = 128 << 10;

  private static final int ROWS = 1024;

  private final StagedRows rows;
  private final Buffer memory;

  RowStage(int fields, OffHeap memory) {
    this.rows = new StagedRows(fields, ROWS);
    this.memory = new Buffer(memory);
  }

  void reserve() {
    memory.reserve(BYTES + UnsafeLayout.BLOCK);     // values may be read in whole blocks
  }

  boolean hasRoom(int size) {
    return rows.count() < ROWS && rows.bytes() + size <= BYTES;
  }

  /** Takes a copy of {@code row}, for which there is room. */
  void add(UnsafeRow row) {
    long address = memory.address() + rows.bytes();
    Platform.copyMemory(row.getBaseObject(), row.getBaseOffset(), null, address, row.getSizeInBytes());
    rows.add(address, row.getSizeInBytes());
  }

  /** Takes back {@code row}, which was added last. */
  void removeLast(UnsafeRow row) {
    rows.removeLast(row.getSizeInBytes());
  }

  void clear() {
    rows.clear();
  }

  void free() {
    clear();
    memory.free();
  }

  StagedRows rows() {
    return rows;
  }

  int count() {
    return rows.count();
  }

  /** Size of the rows. */
  int bytes() {
    return rows.bytes();
  }
}
