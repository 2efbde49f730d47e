package io.sluice.spark.read;

import org.apache.spark.sql.connector.read.InputPartition;

/** What a task is given to read. */
sealed interface FileSlices extends InputPartition permits DeltaKernelInputPartition, KeyedInputPartition {
  /** Slices of data files, opaque. */
  byte[] slices();
}
