package io.sluice.spark.constraints;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Map;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.types.StructType;
import scala.collection.immutable.Seq;

/**
 * A table's CHECK constraints, resolved on the driver against the rows that a write will bring; sent to the tasks. They
 * are ours to check and not left to {@code Table.constraints()}: Spark lets a row pass for which a constraint is null,
 * where Delta does not, it looks at rows that a join drops afterwards, and Spark 4.0 checks nothing.
 */
public final class RowChecks implements Serializable {
  private static final long serialVersionUID = 1L;

  /** @param condition true or false for every row, never null */
  record Check(String name, String sql, Expression condition) implements Serializable {
    private static final long serialVersionUID = 1L;
  }

  private final String table;
  private final ArrayList<Check> checks;
  private final transient Map<String, String> constraints;
  /** The columns of the rows; null without constraints. */
  private final Seq<Attribute> input;

  private RowChecks(String table, Map<String, String> constraints, ArrayList<Check> checks, Seq<Attribute> input) {
    this.table = table;
    this.constraints = constraints;
    this.checks = checks;
    this.input = input;
  }

  /**
   * @param constraints SQL expressions by name
   * @param rows the columns of the rows, named as the table's
   * @throws io.sluice.spark.SluiceThrowable if a constraint has no meaning for such rows
   */
  public static RowChecks of(String table, Map<String, String> constraints, StructType rows) {
    ArrayList<Check> checks = new ArrayList<>();
    if (constraints.isEmpty()) {
      return new RowChecks(table, constraints, checks, null);
    }
    Resolver resolver = new Resolver("write to table " + table, rows);
    constraints.forEach((name, sql) -> checks.add(new Check(name, sql, resolver.condition(name, sql))));
    return new RowChecks(table, constraints, checks, resolver.input());
  }

  /**
   * Of a write that brings no new rows: none is checked.
   *
   * @param constraints which rows that are there keep to
   */
  public static RowChecks ofNoRows(String table, Map<String, String> constraints) {
    return new RowChecks(table, constraints, new ArrayList<>(), null);
  }

  /** The same of rows that have been checked. */
  public RowChecks none() {
    return ofNoRows(table, constraints);
  }

  /** What is checked: SQL expressions by name; on the driver only. */
  public Map<String, String> constraints() {
    return constraints;
  }

  /** The checks of one task. */
  public RowChecker open(int partitionId) {
    return new RowChecker(table, checks, input, partitionId);
  }
}
