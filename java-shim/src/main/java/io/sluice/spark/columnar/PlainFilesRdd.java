package io.sluice.spark.columnar;

import io.sluice.spark.jni.PlainScan;
import io.sluice.spark.jni.ReaderHandle;
import io.sluice.spark.storage.Location;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.spark.Partition;
import org.apache.spark.TaskContext;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
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
   * @param columnar whether Spark reads batches
   */
  record Planned(byte[] plan, StructType schema, StructType partitions, boolean columnar) implements Serializable {}

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
    return CollectionConverters.asScala(Arrays.asList(split.files()).iterator()).flatMap(file -> {
      Optional<PlainScan.Slice> slice = slice(file);
      ReaderHandle reader = slice.isEmpty() ? null : ReaderHandle.openPlain(planned.plan(), slice.get());
      return reader == null
          ? sparks(scan.compute(split.copy(split.index(), new PartitionedFile[] {file}), task))
          : natives(reader, task);
    });
  }

  private Iterator<InternalRow> natives(ReaderHandle reader, TaskContext task) {
    files.add(1);
    return batchRows(CollectionConverters.asScala(new PlainFileBatches(reader, planned.schema(), task)));
  }

  /** Spark's own readers give batches in the guise of rows where they promised batches. */
  @SuppressWarnings("unchecked")
  private Iterator<InternalRow> sparks(Iterator<?> read) {
    if (planned.columnar()) {
      return batchRows((Iterator<ColumnarBatch>) read);
    }
    UnsafeProjection chosen = Columns.projection(planned.schema(), ordinals);
    return ((Iterator<InternalRow>) read).map(row -> {
      rows.add(1);
      return chosen.apply(row);
    });
  }

  private Iterator<InternalRow> batchRows(Iterator<ColumnarBatch> batches) {
    return batches.map(batch -> {
      rows.add(batch.numRows());
      return new BatchRow(batch, ordinals);
    });
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
