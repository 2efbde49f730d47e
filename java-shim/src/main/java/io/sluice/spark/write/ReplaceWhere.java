package io.sluice.spark.write;

import io.sluice.spark.InvalidInputException;
import io.sluice.spark.error.Unchecked;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.expressions.And;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.connector.expressions.filter.Predicate;
import org.apache.spark.sql.execution.datasources.v2.DataSourceV2Strategy$;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;
import scala.Option;

/**
 * Delta's option {@code replaceWhere}: the condition on the rows that an overwrite replaces, in SQL.
 *
 * @param condition as the user wrote it
 */
record ReplaceWhere(String condition) {
  static final String OPTION = "replaceWhere";

  /** Null without the option. */
  static ReplaceWhere of(CaseInsensitiveStringMap options) {
    String condition = options.get(OPTION);
    return condition == null ? null : new ReplaceWhere(condition);
  }

  /**
   * All of which hold where the condition does.
   *
   * @param rows the columns of the table
   * @throws InvalidInputException if it is no condition on such rows, or none that can be told to a data source
   */
  Predicate[] predicates(String table, StructType rows) {
    LogicalPlan plan;
    try {
      plan = plan(rows);
    } catch (Exception e) { // of Spark's analysis, which is a checked one in disguise
      throw refused(table, "it is no condition on the columns of the table: " + e.getMessage(), e);
    }
    if (!(plan instanceof Filter filter)) {
      throw refused(table, "it holds for every row or for none; compare columns of the table in it", null);
    }
    List<Predicate> predicates = new ArrayList<>();
    for (Expression part : conjuncts(filter.condition(), new ArrayList<>())) {
      Option<Predicate> predicate = DataSourceV2Strategy$.MODULE$.translateFilterV2(part);
      if (predicate.isEmpty()) {
        throw refused(table, part.sql() + " is no comparison of partition columns with values", null);
      }
      predicates.add(predicate.get());
    }
    return predicates.toArray(Predicate[]::new);
  }

  /** Spark's own analysis of a query on such rows. */
  private LogicalPlan plan(StructType rows) {
    SparkSession session = SparkSession.active();
    // Of an RDD, of which Spark does not know beforehand that it is empty.
    Dataset<Row> none = session.createDataFrame(new JavaSparkContext(session.sparkContext()).emptyRDD(), rows);
    Dataset<Row> matching = none.where(condition);
    return ((org.apache.spark.sql.classic.Dataset<Row>) matching).queryExecution().optimizedPlan();
  }

  private static List<Expression> conjuncts(Expression condition, List<Expression> found) {
    if (condition instanceof And both) {
      conjuncts(both.left(), found);
      conjuncts(both.right(), found);
    } else {
      found.add(condition);
    }
    return found;
  }

  private RuntimeException refused(String table, String why, Exception cause) {
    return Unchecked.raise(new InvalidInputException("SLUICE_UNSUPPORTED_CONDITION", "Cannot overwrite rows of " + table
        + " with the option replaceWhere=" + condition + ": " + why, cause));
  }
}
