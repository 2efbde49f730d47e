package io.sluice.spark.columnar;

import io.sluice.spark.jni.message.StorageLocation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.ExprId;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.execution.ColumnarToRowExec;
import org.apache.spark.sql.execution.ColumnarToRowTransition;
import org.apache.spark.sql.execution.ProjectExec;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.adaptive.AdaptiveSparkPlanExec;
import scala.jdk.javaapi.CollectionConverters;

/** Finds the columnar plan of which a query of rows is but a view: its columns, reordered, dropped or renamed. */
final class ColumnarSource {
  private ColumnarSource() {}

  /**
   * The same rows in batches, or empty if the query computes anything on rows.
   *
   * @param table where the rows go
   */
  static Optional<SparkPlan> of(SparkPlan query, StorageLocation table) {
    List<ExprId> wanted = ids(query);
    SparkPlan plan = query instanceof AdaptiveSparkPlanExec adaptive ? adaptive.inputPlan() : query;
    while (plan instanceof ProjectExec project) {
      if (!trace(wanted, project)) {
        return Optional.empty();
      }
      plan = project.child();
    }
    SparkPlan columnar = query instanceof AdaptiveSparkPlanExec adaptive ? adaptive(adaptive, plan) : converted(plan);
    return columnar == null ? Optional.empty() : view(columnar, wanted, query, table);
  }

  /**
   * What native code reads although Spark would read rows; or what Spark, or an extension whose vectors are like Spark's,
   * converts to rows. The vectors of others cannot be read (they may stand for memory of a GPU), though their conversions
   * are of Spark's kind, too.
   */
  private static SparkPlan converted(SparkPlan plan) {
    if (PlainFiles.areScannedAsRows(plan)) {
      return plan;
    }
    boolean isReadable = plan.getClass().equals(ColumnarToRowExec.class) || isComets(plan);
    return isReadable && plan instanceof ColumnarToRowTransition conversion ? conversion.child() : null;
  }

  private static boolean isComets(SparkPlan plan) {
    return plan.getClass().getName().startsWith("org.apache.spark.sql.comet.");
  }

  private static boolean isSparks(SparkPlan plan) {
    return plan.getClass().getName().startsWith("org.apache.spark.sql.execution.");
  }

  /**
   * Adaptive execution converts to rows within, unless asked for columns. Only of a leaf is it known beforehand that
   * it will still be columnar when it runs.
   */
  private static SparkPlan adaptive(AdaptiveSparkPlanExec adaptive, SparkPlan plan) {
    boolean columnarLeaf = plan.supportsColumnar() && plan.children().isEmpty() && (isSparks(plan) || isComets(plan));
    return columnarLeaf
        ? adaptive.copy(plan, adaptive.context(), adaptive.preprocessingRules(), adaptive.isSubquery(), true)
        : null;
  }

  /** Replaces the ids of the project's columns by those of its child; false if it computes one of them. */
  private static boolean trace(List<ExprId> wanted, ProjectExec project) {
    for (NamedExpression column : CollectionConverters.asJava(project.projectList())) {
      Expression source = column instanceof Alias alias ? alias.child() : (Expression) column;
      if (!(source instanceof Attribute attribute)) {
        return false;
      }
      wanted.replaceAll(id -> id.equals(column.exprId()) ? attribute.exprId() : id);
    }
    return true;
  }

  private static Optional<SparkPlan> view(
      SparkPlan columnar, List<ExprId> wanted, SparkPlan query, StorageLocation table) {
    List<ExprId> present = ids(columnar);
    int[] ordinals = wanted.stream().mapToInt(present::indexOf).toArray();
    return present.containsAll(wanted)
        ? Optional.of(new BatchesExec(columnar, query.output(), ordinals, table))
        : Optional.empty();
  }

  private static List<ExprId> ids(SparkPlan plan) {
    List<ExprId> ids = new ArrayList<>();
    for (Attribute attribute : CollectionConverters.asJava(plan.output())) {
      ids.add(attribute.exprId());
    }
    return ids;
  }
}
