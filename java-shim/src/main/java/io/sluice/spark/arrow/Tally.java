package io.sluice.spark.arrow;

/** Arrow bytes of the batch so far, counted by whoever adds them: rows by the batch, elements and contents by lanes. */
final class Tally {
  long bytes;
  /** Where columns stop; rows are checked by the batch. */
  long limit;

  boolean fits(long more) {
    return bytes + more <= limit;
  }
}
