package io.sluice.spark.read;

import org.apache.spark.sql.connector.read.InputPartition;

/**
 * Spark's {@code InputPartition}.
 *
 * @param slices of data files, opaque
 */
record DeltaKernelInputPartition(byte[] slices) implements InputPartition {}
