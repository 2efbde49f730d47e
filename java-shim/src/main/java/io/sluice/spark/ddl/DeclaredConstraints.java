package io.sluice.spark.ddl;

import io.sluice.spark.error.Unsupported;
import io.sluice.spark.session.Execution;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.ReplaceTable;
import org.apache.spark.sql.catalyst.plans.logical.TableSpec;
import org.apache.spark.sql.connector.catalog.TableInfo;
import org.apache.spark.sql.connector.catalog.constraints.Check;
import org.apache.spark.sql.connector.catalog.constraints.Constraint;
import scala.jdk.javaapi.CollectionConverters;

/** The constraints in a CREATE or REPLACE TABLE; of classes that Spark 4.0 lacks, so not to be loaded there. */
public final class DeclaredConstraints {
  private DeclaredConstraints() {}

  /** @throws io.sluice.spark.UnsupportedTableException for constraints that no Delta table has */
  public static Declaration declaration(TableInfo table) {
    return declaration(table, checks(List.of(table.constraints())));
  }

  /**
   * The same of a table that may replace another one: Spark 4.1 leaves the constraints of such a statement out of what it tells
   * the catalog, and takes them for done. They are in the statement's plan.
   */
  public static Declaration replacement(TableInfo table) {
    return table.constraints().length > 0
        ? declaration(table)
        : declaration(table, Execution.current().map(DeclaredConstraints::declared).orElse(Map.of()));
  }

  private static Declaration declaration(TableInfo table, Map<String, String> checks) {
    return new Declaration(table.columns(), table.partitions(), table.properties(), checks);
  }

  private static Map<String, String> declared(Execution statement) {
    LogicalPlan plan = statement.query().analyzed();
    boolean isTold = plan instanceof ReplaceTable replace && replace.tableSpec() instanceof TableSpec;
    return isTold
        ? checks(CollectionConverters.asJava(((TableSpec) ((ReplaceTable) plan).tableSpec()).constraints()))
        : Map.of();
  }

  private static Map<String, String> checks(Collection<Constraint> constraints) {
    Map<String, String> checks = new LinkedHashMap<>();
    constraints.forEach(constraint -> {
      Check check = check(constraint);
      checks.put(check.name(), check.predicateSql());
    });
    return checks;
  }

  /** @throws io.sluice.spark.UnsupportedTableException for another constraint than an enforced CHECK */
  static Check check(Constraint constraint) {
    if (constraint.rely()) {
      throw Unsupported.operation("add the constraint " + constraint.toDDL(),
          "Delta tables do not note that it can be relied upon. Leave RELY out");
    }
    if (constraint instanceof Check check && check.enforced()) {
      return check;
    }
    throw Unsupported.operation("add the constraint " + constraint.toDDL(),
        "Delta tables have CHECK constraints, and they are always enforced. Declare an enforced CHECK, or leave it out");
  }
}
