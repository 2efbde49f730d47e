package io.sluice.spark.arrow;

import org.apache.spark.sql.vectorized.ColumnVector;

/** A lane that can take a column as Spark's vectorized readers hold it, many values a call. */
sealed interface ColumnLane permits FixedLane, BooleanLane, BytesLane, VoidLane, StructLane, CollectionLane {
  /** Whether {@link #putColumn} can: flat lanes take any vector of their type, nested ones only Spark's own. */
  default boolean takes(ColumnVector vector) {
    return true;
  }

  /**
   * Writes the values {@code from} to {@code from + count} of {@code vector}, from index {@code at}, for which there is
   * room.
   *
   * @return false if they are more bytes than the batch may hold; what was written is then to be truncated
   */
  boolean putColumn(ColumnVector vector, int from, int count, int at);
}
