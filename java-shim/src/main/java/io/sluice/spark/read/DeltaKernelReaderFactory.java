package io.sluice.spark.read;

import io.sluice.spark.jni.ReaderHandle;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.read.InputPartition;
import org.apache.spark.sql.connector.read.PartitionReader;
import org.apache.spark.sql.connector.read.PartitionReaderFactory;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.vectorized.ColumnarBatch;

/**
 * Spark's {@code PartitionReaderFactory}, sent to executors.
 *
 * @param plan of the scan, opaque
 */
record DeltaKernelReaderFactory(byte[] plan, StructType schema) implements PartitionReaderFactory {
  @Override
  public boolean supportColumnarReads(InputPartition partition) {
    return true;
  }

  @Override
  public PartitionReader<ColumnarBatch> createColumnarReader(InputPartition partition) {
    byte[] slices = ((FileSlices) partition).slices();
    return DeltaKernelPartitionReader.of(ReaderHandle.open(plan, slices), schema);
  }

  @Override
  public PartitionReader<InternalRow> createReader(InputPartition partition) {
    return new BatchRowReader(createColumnarReader(partition));
  }
}
