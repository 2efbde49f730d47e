package io.sluice.spark.columnar;

import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import scala.collection.immutable.IndexedSeq;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The plan below a columnar write: passes the child's batches on as {@link BatchRow}s. It stands where Spark converted
 * columns to rows, and perhaps reordered or renamed them.
 */
final class BatchesExec extends SparkPlan {
  private static final long serialVersionUID = 1L;

  private final SparkPlan child;
  private final Seq<Attribute> output;
  private final int[] ordinals;

  /** @param ordinals which of the child's columns each attribute of {@code output} is */
  BatchesExec(SparkPlan child, Seq<Attribute> output, int[] ordinals) {
    this.child = child;
    this.output = output;
    this.ordinals = ordinals;
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
    return batchRows(child.executeColumnar(), ordinals);
  }

  /** Static, so that the plan does not travel to the executors. */
  private static RDD<InternalRow> batchRows(RDD<ColumnarBatch> batches, int[] ordinals) {
    return batches.toJavaRDD().map(batch -> (InternalRow) new BatchRow(batch, ordinals)).rdd();
  }

  @Override
  public SparkPlan withNewChildrenInternal(IndexedSeq<SparkPlan> newChildren) {
    return new BatchesExec(newChildren.head(), output, ordinals);
  }

  /** What plans print: as Spark's own conversion, only the output. */
  @Override
  public scala.collection.Iterator<Object> stringArgs() {
    return CollectionConverters.asScala(java.util.List.<Object>of(output).iterator());
  }

  @Override
  public int productArity() {
    return 3;
  }

  @Override
  public Object productElement(int n) {
    return switch (n) {
      case 0 -> child;
      case 1 -> output;
      case 2 -> ordinals;
      default -> throw new IndexOutOfBoundsException(n);
    };
  }

  @Override
  public boolean canEqual(Object other) {
    return other instanceof BatchesExec;
  }
}
