package io.sluice.spark.read;

import io.sluice.spark.jni.message.PackedScan;
import java.util.List;
import org.apache.spark.sql.connector.read.Batch;
import org.apache.spark.sql.connector.read.InputPartition;
import org.apache.spark.sql.connector.read.PartitionReaderFactory;
import org.apache.spark.sql.types.StructType;

/** Spark's {@code Batch}. Equal batches return the same rows. */
final class DeltaKernelBatch implements Batch {
  private final DeltaKernelScan scan;

  DeltaKernelBatch(DeltaKernelScan scan) {
    this.scan = scan;
  }

  @Override
  public InputPartition[] planInputPartitions() {
    PackedScan packed = scan.planned().pack(SessionPacking.by(List.of(scan.keys().fieldNames())));
    StructType keys = scan.keys();
    InputPartition[] partitions = new InputPartition[packed.slices().length];
    for (int i = 0; i < partitions.length; i++) {
      byte[] slices = packed.slices()[i];
      partitions[i] = keys.isEmpty()
          ? new DeltaKernelInputPartition(slices)
          : new KeyedInputPartition(slices, PartitionValues.row(packed.keys().get(i), keys));
    }
    return partitions;
  }

  @Override
  public PartitionReaderFactory createReaderFactory() {
    return new DeltaKernelReaderFactory(scan.begun().plan(), scan.types());
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
