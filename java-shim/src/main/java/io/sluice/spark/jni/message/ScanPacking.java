package io.sluice.spark.jni.message;

import java.util.List;

/**
 * How files become partitions, in Spark's terms.
 *
 * @param maxBytes of a partition
 * @param openCost what opening a file costs, in bytes
 * @param minPartitions partitions that keep the cluster busy
 * @param keys partition columns of which each partition is to have one value
 */
public record ScanPacking(long maxBytes, long openCost, long minPartitions, List<String> keys) {
  public ScanPacking {
    keys = List.copyOf(keys);
  }
}
