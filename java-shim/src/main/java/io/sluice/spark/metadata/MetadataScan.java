package io.sluice.spark.metadata;

import io.sluice.spark.jni.PlannedMetadata;
import io.sluice.spark.jni.ReaderHandle;
import io.sluice.spark.jni.message.MetadataRequest;
import io.sluice.spark.read.BatchRowReader;
import io.sluice.spark.read.DeltaKernelPartitionReader;
import io.sluice.spark.read.ReadTarget;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.expressions.filter.Predicate;
import org.apache.spark.sql.connector.read.Batch;
import org.apache.spark.sql.connector.read.InputPartition;
import org.apache.spark.sql.connector.read.PartitionReader;
import org.apache.spark.sql.connector.read.PartitionReaderFactory;
import org.apache.spark.sql.connector.read.Statistics;
import org.apache.spark.sql.connector.read.SupportsReportStatistics;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.vectorized.ColumnarBatch;

/** Spark's {@code Scan} of a metadata table: one task replays the log of one version of the table. Equal ones return the same rows. */
final class MetadataScan implements SupportsReportStatistics, Batch {
  private final ReadTarget target;
  private final MetadataKind kind;
  private final MetadataRequest request;
  private final StructType schema;
  private final List<Predicate> pushed;
  private final PlannedMetadata planned;

  MetadataScan(ReadTarget target, MetadataKind kind, MetadataRequest request, StructType schema, List<Predicate> pushed) {
    this.target = target;
    this.kind = kind;
    this.request = request;
    this.schema = schema;
    this.pushed = List.copyOf(pushed);
    this.planned = PlannedMetadata.of(request);
  }

  long version() {
    return planned.summary().version();
  }

  @Override
  public StructType readSchema() {
    return schema;
  }

  @Override
  public String description() {
    return kind.title() + " of " + target.table().table() + " at version " + version() + ", filters: "
        + pushed.stream().map(Predicate::toString).collect(Collectors.joining(", ", "[", "]"));
  }

  @Override
  public Batch toBatch() {
    return this;
  }

  @Override
  public ColumnarSupportMode columnarSupportMode() {
    return ColumnarSupportMode.SUPPORTED;
  }

  /** As far as the newest checksum tells; there are at most as many partitions as files. */
  @Override
  public Statistics estimateStatistics() {
    Long files = kind.isPartitioned() ? planned.summary().files() : null;
    return files == null
        ? new ScanStatistics(OptionalLong.empty(), OptionalLong.empty())
        : new ScanStatistics(OptionalLong.of(Math.multiplyExact(files, (long) schema.defaultSize())), OptionalLong.of(files));
  }

  @Override
  public InputPartition[] planInputPartitions() {
    return new InputPartition[] {new WholeLog()};
  }

  @Override
  public PartitionReaderFactory createReaderFactory() {
    return new ReaderFactory(planned.plan(), schema);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof MetadataScan scan && identity().equals(scan.identity());
  }

  @Override
  public int hashCode() {
    return identity().hashCode();
  }

  private List<Object> identity() {
    var scan = request.scan();
    return List.of(target.identity(), kind, version(), schema, scan.filters(), scan.exactFilters(),
        scan.limit() == null ? -1L : scan.limit(), scan.session());
  }

  private record ScanStatistics(OptionalLong sizeInBytes, OptionalLong numRows) implements Statistics {}

  private record WholeLog() implements InputPartition {}

  /** Sent to an executor. */
  private record ReaderFactory(byte[] plan, StructType schema) implements PartitionReaderFactory {
    @Override
    public boolean supportColumnarReads(InputPartition partition) {
      return true;
    }

    @Override
    public PartitionReader<ColumnarBatch> createColumnarReader(InputPartition partition) {
      return DeltaKernelPartitionReader.of(ReaderHandle.openMetadata(plan), schema);
    }

    @Override
    public PartitionReader<InternalRow> createReader(InputPartition partition) {
      return new BatchRowReader(createColumnarReader(partition));
    }
  }
}
