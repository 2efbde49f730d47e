package io.sluice.spark.arrow;

import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.vectorized.ColumnVector;

/**
 * The rows of one batch after the other in lanes of native memory, which is used again. Whatever a call that throws was to add
 * is taken back.
 */
final class LaneBatch {
  private static final int INITIAL_ROWS = 256;

  private final StructType schema;
  private final int mostRows;
  private final Tally tally = new Tally();
  private final StructLane root;
  private final int rowBytes;
  /** Made at the first need. */
  private ColumnCopier columns;
  private int capacity;
  private int rows;

  /**
   * Allocates nothing.
   *
   * @throws io.sluice.spark.InvalidInputException for a column of a type that Delta Lake cannot store
   */
  LaneBatch(StructType schema, int mostRows, OffHeap memory) {
    this.schema = schema;
    this.mostRows = mostRows;
    this.root = Lanes.root(schema, memory, tally);
    this.rowBytes = root.fixedBytes();
  }

  StructLane root() {
    return root;
  }

  int rows() {
    return rows;
  }

  /** Arrow bytes, validity bitmaps not counted. */
  long bytes() {
    return tally.bytes;
  }

  /** What each row takes, whatever it holds. */
  int rowBytes() {
    return rowBytes;
  }

  void add(UnsafeRow row) {
    long bytesBefore = tally.bytes;
    try {
      reserve(1);
      root.putRow(row.getBaseObject(), row.getBaseOffset(), rows);
    } catch (Throwable failure) {
      truncate(rows, bytesBefore);
      throw failure;
    }
    tally.bytes += rowBytes;
    rows++;
  }

  void addAll(StagedRows staged, int count) {
    long bytesBefore = tally.bytes;
    try {
      reserve(count);
      root.putRows(staged, rows);
    } catch (Throwable failure) {
      truncate(rows, bytesBefore);
      throw failure;
    }
    tally.bytes += (long) rowBytes * count;
    rows += count;
  }

  /** Adds all {@code count} rows, or none if the batch would exceed {@code mostBytes} and holds more than one. */
  boolean addAll(ColumnVector[] vectors, int from, int count, long mostBytes) {
    if (columns == null) {
      columns = new ColumnCopier(schema, root.children(), tally);
    }
    long bytesBefore = tally.bytes;
    tally.limit = rows == 0 && count == 1 ? Long.MAX_VALUE : mostBytes;
    boolean added = false;
    try {
      reserve(count);
      tally.bytes += (long) count * rowBytes;
      added = tally.fits(0) && columns.put(vectors, from, count, rows) && tally.fits(0);
    } finally {
      if (!added) {
        truncate(rows, bytesBefore);
      }
    }
    rows += added ? count : 0;
    return added;
  }

  /** Makes room for so many more rows. */
  void reserve(int more) {
    while (capacity < rows + more) {
      int grown = capacity == 0 ? Math.min(INITIAL_ROWS, mostRows) : (int) Math.min(2L * capacity, Integer.MAX_VALUE - 1);
      root.reserve(grown);
      capacity = grown;
    }
  }

  /** Begins the next batch. */
  void clear() {
    truncate(0, 0);
  }

  /** Gives the memory of an empty batch back. */
  void shrink() {
    capacity = 0;
    root.free();
  }

  /** For good. */
  void free() {
    rows = 0;
    tally.bytes = 0;
    root.free();
  }

  private void truncate(int length, long bytes) {
    root.truncate(length);
    rows = length;
    tally.bytes = bytes;
  }
}
