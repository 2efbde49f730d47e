package io.sluice.spark.columnar;

/** Marks a {@code Write} whose tasks accept every {@link BatchRow} in place of rows. */
public interface TakesBatches {}
