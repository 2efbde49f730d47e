package io.sluice.spark.arrow;

import org.apache.spark.sql.execution.vectorized.WritableColumnVector;
import org.apache.spark.sql.vectorized.ColumnVector;

/** The columns within a nested column of Spark's own vectors: child {@code i} of the vector goes to lane {@code i}. */
final class ChildColumns {
  private ChildColumns() {}

  /** Whether {@link #put} can. */
  static boolean takes(Lane[] lanes, ColumnVector vector) {
    if (!(vector instanceof WritableColumnVector parent)) {
      return false;
    }
    for (int i = 0; i < lanes.length; i++) {
      if (!(lanes[i] instanceof ColumnLane lane && lane.takes(parent.getChild(i)))) {
        return false;
      }
    }
    return true;
  }

  /** As {@link ColumnLane#putColumn}, for all children. */
  static boolean put(Lane[] lanes, ColumnVector vector, int from, int count, int at) {
    for (int i = 0; i < lanes.length; i++) {
      if (!put(lanes[i], vector.getChild(i), from, count, at)) {
        return false;
      }
    }
    return true;
  }

  /** A child that no file has is all null, whatever its capacity. */
  private static boolean put(Lane lane, ColumnVector child, int from, int count, int at) {
    if (child instanceof WritableColumnVector missing && missing.isAllNull()) {
      putNulls(lane, count, at);
      return true;
    }
    return ((ColumnLane) lane).putColumn(child, from, count, at);
  }

  static void putNulls(Lane lane, int count, int at) {
    for (int i = 0; i < count; i++) {
      lane.putNull(at + i);
    }
  }
}
