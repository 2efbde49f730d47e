package io.sluice.spark.read;

import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.read.HasPartitionKey;

/** Spark's {@code HasPartitionKey}: rows that have the same values in the key columns. */
record KeyedInputPartition(byte[] slices, InternalRow partitionKey) implements FileSlices, HasPartitionKey {}
