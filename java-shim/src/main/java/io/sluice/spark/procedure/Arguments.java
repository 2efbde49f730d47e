package io.sluice.spark.procedure;

import org.apache.spark.sql.catalyst.InternalRow;

/** What a procedure is called with, beside its table. */
record Arguments(InternalRow all) {
  /** The table stands before them. */
  private static final int FIRST = 1;

  /** Null where it is left out. */
  Long longAt(int index) {
    return all.isNullAt(FIRST + index) ? null : all.getLong(FIRST + index);
  }
}
