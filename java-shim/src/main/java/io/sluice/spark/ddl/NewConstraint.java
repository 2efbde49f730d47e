package io.sluice.spark.ddl;

import io.sluice.spark.InvalidInputException;
import io.sluice.spark.constraints.Resolver;
import io.sluice.spark.error.Unchecked;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.UserDefinedExpression;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.classic.Dataset;
import org.apache.spark.sql.connector.catalog.Table;
import org.apache.spark.sql.execution.datasources.v2.DataSourceV2Relation;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructType;
import scala.Option;
import scala.jdk.javaapi.CollectionConverters;

/** A CHECK constraint that a table is to have. */
public final class NewConstraint {
  private NewConstraint() {}

  /**
   * Of a table that has no rows yet.
   *
   * @param table its name
   * @throws io.sluice.spark.SluiceThrowable if the constraint cannot be one
   */
  public static void check(String table, StructType columns, ConstraintChange.Add constraint) {
    checkExpression("create table " + table, columns, constraint);
  }

  /**
   * Looks at all rows of the table, whose version must be pinned.
   *
   * @throws io.sluice.spark.SluiceThrowable if the constraint cannot be one, or rows violate it
   *     ({@code DELTA_NEW_CHECK_CONSTRAINT_VIOLATION})
   */
  public static void check(Table table, ConstraintChange.Add constraint) {
    String action = "alter table " + table.name();
    checkExpression(action, schemaOf(table), constraint);
    LogicalPlan relation = DataSourceV2Relation.create(table, Option.empty(), Option.empty());
    Column violated = functions.not(functions.expr(constraint.expression()).eqNullSafe(functions.lit(true)));
    long violations = Dataset.ofRows((org.apache.spark.sql.classic.SparkSession) SparkSession.active(), relation)
        .where(violated).count();
    if (violations > 0) {
      throw invalid(action, constraint, "DELTA_NEW_CHECK_CONSTRAINT_VIOLATION",
          violations + " rows violate it. Correct or delete them first");
    }
  }

  private static void checkExpression(String action, StructType columns, ConstraintChange.Add constraint) {
    Resolver resolver = new Resolver(action, columns);
    resolver.condition(constraint.name(), constraint.expression());
    Expression condition = resolver.analyzed(constraint.expression());
    if (!condition.deterministic()) {
      throw invalid(action, constraint, "DELTA_NON_DETERMINISTIC_EXPRESSION_IN_CHECK_CONSTRAINT",
          "it is not deterministic. Use functions whose result depends on the row alone");
    }
    if (hasUserDefined(condition)) {
      throw invalid(action, constraint, "DELTA_UDF_IN_CHECK_CONSTRAINT",
          "other writers do not know its user-defined function. Use built-in functions");
    }
  }

  private static boolean hasUserDefined(Expression expression) {
    return expression instanceof UserDefinedExpression
        || CollectionConverters.asJava(expression.children()).stream().anyMatch(NewConstraint::hasUserDefined);
  }

  private static RuntimeException invalid(
      String action, ConstraintChange.Add constraint, String errorClass, String why) {
    return Unchecked.raise(new InvalidInputException(errorClass, "Cannot " + action + ": CHECK constraint "
        + constraint.name() + " (" + constraint.expression() + ") cannot be added: " + why, null));
  }

  @SuppressWarnings("deprecation")
  private static StructType schemaOf(Table table) {
    return table.schema();
  }
}
