package io.sluice.spark.constraints;

import io.sluice.spark.UnsupportedTableException;
import io.sluice.spark.types.DefaultCollation;
import java.util.Optional;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.Unevaluable;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.execution.QueryExecution;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/** Turns the SQL of constraints into expressions over rows, with Spark's own analysis of a query on such rows. */
public final class Resolver {
  private final String action;
  private final Dataset<Row> rows;

  /** @param action completes "Cannot …" */
  public Resolver(String action, StructType rows) {
    SparkSession session = SparkSession.active();
    this.action = action;
    // Of an RDD, of which Spark does not know beforehand that it is empty.
    this.rows = session.createDataFrame(new JavaSparkContext(session.sparkContext()).emptyRDD(), DefaultCollation.stored(rows));
  }

  /** The columns that conditions are about. */
  Seq<Attribute> input() {
    return plan(rows).output();
  }

  /** True where the constraint is, and false where it is false or null, as Delta wants it. */
  public Expression condition(String name, String sql) {
    try {
      Column constraint = functions.expr(sql);
      DataType type = rows.select(constraint).schema().apply(0).dataType();
      if (!type.equals(DataTypes.BooleanType)) {
        throw unusable(name, sql, "DELTA_NON_BOOLEAN_CHECK_CONSTRAINT", "it is no condition but " + type.sql(), null);
      }
      LogicalPlan plan = plan(rows.select(constraint.eqNullSafe(functions.lit(true))));
      Optional<Expression> condition = ofRow(plan).filter(found -> !hasUnevaluable(found));
      if (condition.isPresent()) {
        return condition.get();
      }
    } catch (UnsupportedTableException e) {
      throw e;
    } catch (Exception e) { // of Spark's analysis, which is a checked one in disguise
      throw unusable(name, sql, "DELTA_INVALID_CHECK_CONSTRAINT_REFERENCES", e.getMessage(), e);
    }
    throw unusable(name, sql, "DELTA_UNSUPPORTED_EXPRESSION_CHECK_CONSTRAINT",
        "it cannot be evaluated on a row alone", null);
  }

  /** The same as it was written, before the optimizer has dealt with it; for a constraint that has a condition. */
  public Expression analyzed(String sql) {
    return execution(rows.select(functions.expr(sql))).analyzed().expressions().head();
  }

  /** The one expression that a query makes of each row, if it does no more. Spark computes what comes twice beforehand. */
  private static Optional<Expression> ofRow(LogicalPlan query) {
    if (!(query instanceof Project top && top.projectList().head() instanceof Alias named)) {
      return Optional.empty();
    }
    Expression condition = named.child();
    LogicalPlan below = top.child();
    while (below instanceof Project before) {
      condition = inlined(condition, before);
      below = before.child();
    }
    boolean isOfRow = below.children().isEmpty() && condition.references().subsetOf(below.outputSet());
    return isOfRow ? Optional.of(condition) : Optional.empty();
  }

  /** What a projection before computes, in the place of its columns. */
  private static Expression inlined(Expression expression, Project before) {
    return Attributes.replaced(expression, attribute -> CollectionConverters.asJava(before.projectList()).stream()
        .filter(Alias.class::isInstance)
        .map(Alias.class::cast)
        .filter(alias -> alias.exprId().equals(attribute.exprId()) && alias.child().deterministic())
        .map(Alias::child)
        .findFirst()
        .orElse(attribute));
  }

  private static LogicalPlan plan(Dataset<Row> query) {
    return execution(query).optimizedPlan();
  }

  private static QueryExecution execution(Dataset<Row> query) {
    return ((org.apache.spark.sql.classic.Dataset<Row>) query).queryExecution();
  }

  /** Subqueries, aggregates and the like; columns will be bound. */
  private static boolean hasUnevaluable(Expression expression) {
    return expression instanceof Unevaluable && !(expression instanceof Attribute)
        || CollectionConverters.asJava(expression.children()).stream().anyMatch(Resolver::hasUnevaluable);
  }

  private UnsupportedTableException unusable(String name, String sql, String errorClass, String why, Exception cause) {
    return new UnsupportedTableException(errorClass, "Cannot " + action + ": CHECK constraint " + name + " (" + sql
        + ") cannot be checked: " + why + ". Drop the constraint, or correct the table", cause);
  }
}
