package io.sluice.spark.constraints;

import io.sluice.spark.ConstraintException;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.BasePredicate;
import org.apache.spark.sql.catalyst.expressions.Predicate$;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/** Evaluates CHECK constraints on the rows of one task. */
public final class RowChecker {
  private final String table;
  private final List<RowChecks.Check> checks;
  private final BasePredicate[] predicates;
  private final Seq<Attribute> input;

  RowChecker(String table, List<RowChecks.Check> checks, Seq<Attribute> input, int partitionId) {
    this.table = table;
    this.checks = checks;
    this.input = input;
    this.predicates = checks.stream().map(check -> predicate(check, input, partitionId)).toArray(BasePredicate[]::new);
  }

  private static BasePredicate predicate(RowChecks.Check check, Seq<Attribute> input, int partitionId) {
    BasePredicate predicate = Predicate$.MODULE$.create(check.condition(), input);
    predicate.initialize(partitionId);
    return predicate;
  }

  /** @throws ConstraintException ({@code DELTA_VIOLATE_CONSTRAINT_WITH_VALUES}) if a constraint is not true for the row */
  public void check(InternalRow row) {
    for (int i = 0; i < predicates.length; i++) {
      if (!predicates[i].eval(row)) {
        throw violation(checks.get(i), row);
      }
    }
  }

  /** The same for the first {@code rows} rows of a batch whose columns are {@code vectors}. */
  public void check(ColumnVector[] vectors, int rows) {
    if (predicates.length > 0) {
      // Not to be closed: the vectors are their owner's.
      Iterator<InternalRow> all = new ColumnarBatch(vectors, rows).rowIterator();
      all.forEachRemaining(this::check);
    }
  }

  private ConstraintException violation(RowChecks.Check check, InternalRow row) {
    List<Attribute> columns = CollectionConverters.asJava(input);
    String values = columns.stream()
        .filter(column -> check.condition().references().contains(column))
        .map(column -> column.name() + " = " + value(row, columns.indexOf(column), column))
        .collect(Collectors.joining(", "));
    return new ConstraintException("DELTA_VIOLATE_CONSTRAINT_WITH_VALUES", "Cannot write to table " + table
        + ": CHECK constraint " + check.name() + " (" + check.sql() + ") is violated by a row"
        + (values.isEmpty() ? "" : " with " + values) + "; correct the row, or drop the constraint", null);
  }

  private static String value(InternalRow row, int ordinal, Attribute column) {
    DataType type = column.dataType();
    return String.valueOf(CatalystTypeConverters.convertToScala(row.get(ordinal, type), type));
  }
}
