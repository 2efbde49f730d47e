package io.sluice.spark.jni;

/**
 * How files become partitions, in Spark's terms.
 *
 * @param maxBytes of a partition
 * @param openCost what opening a file costs, in bytes
 * @param minPartitions partitions that keep the cluster busy
 */
public record ScanPacking(long maxBytes, long openCost, long minPartitions) {}
