package io.sluice.spark.read;

/** Spark's {@code InputPartition}: rows of any partition of the table. */
record DeltaKernelInputPartition(byte[] slices) implements FileSlices {}
