package io.sluice.spark.columnar;

import io.sluice.spark.jni.message.StorageLocation;


/** Marks a {@code Write} whose tasks accept every {@link BatchRow} in place of rows. */
public interface TakesBatches {
  /** Where the table is that is written to. */
  StorageLocation at();
}
