package io.sluice.spark.write;

/** What a write does to its table. */
enum WriteKind {
  APPEND,
  /** Rows take the place of rows. */
  OVERWRITE,
  /** The table is made with the rows. */
  CREATE,
  /** A new table takes the place of one that is there. */
  REPLACE;

  /** Whether the table gets the columns of the rows. */
  boolean makesTable() {
    return this == CREATE || this == REPLACE;
  }
}
