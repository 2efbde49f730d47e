package io.sluice.spark.arrow;

import java.util.Arrays;
import org.apache.spark.unsafe.Platform;

/**
 * Rows in native memory, or structs within them, laid out as {@link UnsafeLayout} says, to be taken apart column by
 * column: a loop over one column knows its lane and stays in the processor's cache, where going row by row is a virtual
 * call for each value. Holds addresses only.
 */
final class StagedRows {
  private final int nullBytes;
  /** A bit a field: whether any row has a null there. */
  private final long[] nulls;
  private long[] rows;
  private int count;
  private int bytes;

  StagedRows(int fields, int capacity) {
    this.nullBytes = (int) UnsafeLayout.nullBytes(fields);
    this.nulls = new long[nullBytes / Long.BYTES];
    this.rows = new long[capacity];
  }

  void clear() {
    count = 0;
    bytes = 0;
    Arrays.fill(nulls, 0);
  }

  /** Adds a row of {@code size} bytes that stands at {@code address} and stays there. */
  void add(long address, int size) {
    for (int word = 0; word < nulls.length; word++) {
      nulls[word] |= Platform.getLong(null, address + 8L * word);
    }
    if (count == rows.length) {
      rows = Arrays.copyOf(rows, 2 * count);
    }
    rows[count++] = address;
    bytes += size;
  }

  /** Takes back the row added last. Nulls it brought are still looked for, and not found. */
  void removeLast(int size) {
    count--;
    bytes -= size;
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
    return bytes;
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
