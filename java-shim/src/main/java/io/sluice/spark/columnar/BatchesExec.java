package io.sluice.spark.columnar;

import io.sluice.spark.jni.message.StorageLocation;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.metric.SQLMetric;
import org.apache.spark.sql.execution.metric.SQLMetrics;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import scala.collection.immutable.IndexedSeq;
import scala.collection.immutable.Map;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The plan below a columnar write: passes the child's batches on as {@link BatchRow}s. It stands where Spark converted
 * columns to rows, and perhaps reordered or renamed them. If the child scans {@link PlainFiles}, native code does it; what
 * it leaves to Spark comes as rows where Spark reads such.
 */
final class BatchesExec extends SparkPlan {
  /** Name of the metric; other files are read by Spark. */
  static final String NATIVE_FILES = "nativeFiles";

  private static final long serialVersionUID = 1L;

  private final SparkPlan child;
  private final Seq<Attribute> output;
  private final int[] ordinals;
  private final StorageLocation table;
  private final Map<String, SQLMetric> metrics;

  /**
   * @param ordinals which of the child's columns each attribute of {@code output} is
   * @param table where the rows go
   */
  BatchesExec(SparkPlan child, Seq<Attribute> output, int[] ordinals, StorageLocation table) {
    this.child = child;
    this.output = output;
    this.ordinals = ordinals;
    this.table = table;
    SQLMetric files = SQLMetrics.createMetric(sparkContext(), "number of files read natively");
    this.metrics = new Map.Map1<>(NATIVE_FILES, files);
  }

  @Override
  public Map<String, SQLMetric> metrics() {
    return metrics;
  }

  @Override
  public String nodeName() {
    return "SluiceColumnarInput";
  }

  @Override
  public Seq<Attribute> output() {
    return output;
  }

  @Override
  public Seq<SparkPlan> children() {
    return CollectionConverters.asScala(java.util.List.of(child)).toSeq();
  }

  @Override
  public RDD<InternalRow> doExecute() {
    return PlainFiles.rows(child, table, ordinals, longMetric(NATIVE_FILES))
        .orElseGet(() -> child.supportsColumnar()
            ? batchRows(child.executeColumnar(), ordinals)
            : chosen(child.execute(), child.schema(), ordinals));
  }

  /** Static, so that the plan does not travel to the executors. */
  private static RDD<InternalRow> batchRows(RDD<ColumnarBatch> batches, int[] ordinals) {
    return batches.toJavaRDD().map(batch -> (InternalRow) new BatchRow(batch, ordinals)).rdd();
  }

  private static RDD<InternalRow> chosen(RDD<InternalRow> rows, StructType schema, int[] ordinals) {
    return rows.toJavaRDD().mapPartitions(part -> {
      UnsafeProjection columns = Columns.projection(schema, ordinals);
      return CollectionConverters.asJava(CollectionConverters.asScala(part).map(row -> (InternalRow) columns.apply(row)));
    }).rdd();
  }

  @Override
  public SparkPlan withNewChildrenInternal(IndexedSeq<SparkPlan> newChildren) {
    return new BatchesExec(newChildren.head(), output, ordinals, table);
  }

  /** What plans print: as Spark's own conversion, only the output. */
  @Override
  public scala.collection.Iterator<Object> stringArgs() {
    return CollectionConverters.asScala(java.util.List.<Object>of(output).iterator());
  }

  @Override
  public int productArity() {
    return 4;
  }

  @Override
  public Object productElement(int n) {
    return switch (n) {
      case 0 -> child;
      case 1 -> output;
      case 2 -> ordinals;
      case 3 -> table;
      default -> throw new IndexOutOfBoundsException(n);
    };
  }

  @Override
  public boolean canEqual(Object other) {
    return other instanceof BatchesExec;
  }
}
