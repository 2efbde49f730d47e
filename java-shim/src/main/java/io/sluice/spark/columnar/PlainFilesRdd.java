package io.sluice.spark.columnar;

import io.sluice.spark.jni.PlainScan;
import io.sluice.spark.jni.ReaderHandle;
import io.sluice.spark.table.Location;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.spark.Partition;
import org.apache.spark.TaskContext;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.execution.datasources.FilePartition;
import org.apache.spark.sql.execution.datasources.FileScanRDD;
import org.apache.spark.sql.execution.datasources.PartitionedFile;
import org.apache.spark.sql.execution.metric.SQLMetric;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import scala.collection.Iterator;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag$;

/** The partitions of a scan of Spark's: of each the files one by one, read natively or by Spark, as {@link BatchRow}s. */
final class PlainFilesRdd extends RDD<InternalRow> {
  private static final long serialVersionUID = 1L;

  private final FileScanRDD scan;
  private final Planned planned;
  private final int[] ordinals;
  private final SQLMetric rows;
  private final SQLMetric files;

  /**
   * @param plan opaque
   * @param schema of all columns, those of the partitions last
   */
  record Planned(byte[] plan, StructType schema, StructType partitions) implements Serializable {}

  /**
   * @param rows counts those that are read, files those that are read natively
   */
  PlainFilesRdd(FileScanRDD scan, Planned planned, int[] ordinals, SQLMetric rows, SQLMetric files) {
    super(scan, ClassTag$.MODULE$.apply(InternalRow.class));
    this.scan = scan;
    this.planned = planned;
    this.ordinals = ordinals;
    this.rows = rows;
    this.files = files;
  }

  @Override
  public Partition[] getPartitions() {
    return scan.partitions();
  }

  @Override
  public Seq<String> getPreferredLocations(Partition partition) {
    return scan.preferredLocations(partition);
  }

  @Override
  public Iterator<InternalRow> compute(Partition partition, TaskContext task) {
    FilePartition split = (FilePartition) partition;
    return CollectionConverters.asScala(Arrays.asList(split.files()).iterator())
        .flatMap(file -> batches(split, file, task))
        .map(batch -> {
          rows.add(batch.numRows());
          return new BatchRow(batch, ordinals);
        });
  }

  private Iterator<ColumnarBatch> batches(FilePartition split, PartitionedFile file, TaskContext task) {
    Optional<PlainScan.Slice> slice = slice(file);
    ReaderHandle reader = slice.isEmpty() ? null : ReaderHandle.openPlain(planned.plan(), slice.get());
    if (reader == null) {
      return sparks(scan.compute(split.copy(split.index(), new PartitionedFile[] {file}), task));
    }
    files.add(1);
    return CollectionConverters.asScala(new PlainFileBatches(reader, planned.schema(), task));
  }

  /** Spark's own readers give batches where they promised to, in the guise of rows. */
  @SuppressWarnings("unchecked")
  private static Iterator<ColumnarBatch> sparks(Iterator<?> batches) {
    return (Iterator<ColumnarBatch>) batches;
  }

  /** Empty if the values of the partition cannot be told. */
  private Optional<PlainScan.Slice> slice(PartitionedFile file) {
    List<List<String>> values = new ArrayList<>();
    StructField[] partitions = planned.partitions().fields();
    for (int i = 0; i < partitions.length; i++) {
      if (!file.partitionValues().isNullAt(i)) {
        String value = PlainTypes.text(file.partitionValues().get(i, partitions[i].dataType()), partitions[i].dataType());
        if (value == null) {
          return Optional.empty();
        }
        values.add(List.of(partitions[i].name(), value));
      }
    }
    return Optional.of(new PlainScan.Slice(url(file), file.fileSize(), file.start(), file.length(), values));
  }

  static String url(PartitionedFile file) {
    return Location.of(file.toPath().toString()).url();
  }
}
