package io.sluice.spark.read;

import io.sluice.spark.jni.ScanPacking;
import java.util.Arrays;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.connector.read.Batch;
import org.apache.spark.sql.connector.read.InputPartition;
import org.apache.spark.sql.connector.read.PartitionReaderFactory;
import org.apache.spark.sql.internal.SQLConf;

/** Spark's {@code Batch}. Equal batches return the same rows. */
final class DeltaKernelBatch implements Batch {
  private final DeltaKernelScan scan;

  DeltaKernelBatch(DeltaKernelScan scan) {
    this.scan = scan;
  }

  @Override
  public InputPartition[] planInputPartitions() {
    return Arrays.stream(scan.planned().pack(packing()))
        .map(DeltaKernelInputPartition::new)
        .toArray(InputPartition[]::new);
  }

  @Override
  public PartitionReaderFactory createReaderFactory() {
    return new DeltaKernelReaderFactory(scan.planned().plan(), scan.schema());
  }

  /** As Spark's own file scans (FilePartition.maxSplitBytes). */
  private static ScanPacking packing() {
    SQLConf conf = SQLConf.get();
    Object wanted = conf.filesMinPartitionNum().getOrElse(DeltaKernelBatch::parallelism);
    return new ScanPacking(conf.filesMaxPartitionBytes(), conf.filesOpenCostInBytes(), ((Number) wanted).longValue());
  }

  private static Object parallelism() {
    return SparkSession.active().sparkContext().defaultParallelism();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof DeltaKernelBatch batch && scan.identity().equals(batch.scan.identity());
  }

  @Override
  public int hashCode() {
    return scan.identity().hashCode();
  }
}
