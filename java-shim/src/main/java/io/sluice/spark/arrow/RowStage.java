package io.sluice.spark.arrow;

import java.util.Arrays;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.unsafe.Platform;

/**
 * The next rows of a batch, copied as they are ({@link UnsafeLayout}) to native memory, to be taken apart column by
 * column: a loop over one column knows its lane and stays in the processor's cache, where going row by row is a virtual
 * call for each value.
 */
final class RowStage {
  /** Rows and lanes' ends together stay within a second-level cache. */
  static final int BYTES = 128 << 10;

  private static final int ROWS = 1024;

  private final int nullBytes;
  private final Buffer memory;
  private final long[] rows = new long[ROWS];
  /** A bit a field: whether any row has a null there. */
  private final long[] nulls;
  private int count;
  private int used;

  RowStage(int fields, OffHeap memory) {
    this.nullBytes = (int) UnsafeLayout.nullBytes(fields);
    this.nulls = new long[nullBytes / Long.BYTES];
    this.memory = new Buffer(memory);
  }

  void reserve() {
    memory.reserve(BYTES);
  }

  boolean hasRoom(int size) {
    return count < ROWS && used + size <= BYTES;
  }

  /** Takes a copy of {@code row}, for which there is room. */
  void add(UnsafeRow row) {
    long address = memory.address() + used;
    Platform.copyMemory(row.getBaseObject(), row.getBaseOffset(), null, address, row.getSizeInBytes());
    for (int word = 0; word < nulls.length; word++) {
      nulls[word] |= Platform.getLong(null, address + 8L * word);
    }
    rows[count++] = address;
    used += row.getSizeInBytes();
  }

  /** Takes back the row added last. Nulls it brought are still looked for, and not found. */
  void removeLast() {
    used = (int) (rows[--count] - memory.address());
  }

  void clear() {
    count = 0;
    used = 0;
    Arrays.fill(nulls, 0);
  }

  void free() {
    clear();
    memory.free();
  }

  /** Addresses of the rows; the first {@link #count} are in use. */
  long[] rows() {
    return rows;
  }

  int count() {
    return count;
  }

  /** Size of the rows: no lane of bytes grows by more when it takes them. */
  int bytes() {
    return used;
  }

  /** Where a field's slot stands in each row. */
  long slot(int field) {
    return nullBytes + 8L * field;
  }

  /** Whether any row may have a null in this field. */
  boolean mayHaveNull(int field) {
    return (nulls[field >>> 6] >>> field & 1) != 0;
  }

  boolean isNull(int row, int field) {
    return UnsafeLayout.isNull(null, rows[row], field);
  }
}
