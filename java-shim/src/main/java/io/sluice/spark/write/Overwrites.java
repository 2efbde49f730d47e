package io.sluice.spark.write;

import io.sluice.spark.InvalidInputException;
import io.sluice.spark.error.Unchecked;
import io.sluice.spark.jni.message.Overwrite;
import io.sluice.spark.read.FilterMessage;
import io.sluice.spark.read.ReadSettings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.sql.connector.expressions.Expression;
import org.apache.spark.sql.connector.expressions.filter.AlwaysFalse;
import org.apache.spark.sql.connector.expressions.filter.AlwaysTrue;
import org.apache.spark.sql.connector.expressions.filter.Predicate;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/**
 * Decides which rows a write overwrites, or a statement deletes. Whole files go, so conditions have to be such that the
 * values of partition columns decide them.
 */
final class Overwrites {
  private final Overwrite.Operation operation;
  private final WriteTarget target;
  private final CaseInsensitiveStringMap options;

  Overwrites(Overwrite.Operation operation, WriteTarget target, CaseInsensitiveStringMap options) {
    this.operation = operation;
    this.target = target;
    this.options = options;
  }

  /** Delta's way: {@code partitionOverwriteMode}, of the write or else of the session, makes it dynamic. */
  Overwrite all() {
    boolean isDynamic = PartitionOverwriteMode.isDynamic(PartitionOverwriteMode.of(options));
    return isDynamic ? writtenPartitions() : of(new Overwrite.WholeTable(), null);
  }

  Overwrite writtenPartitions() {
    return of(new Overwrite.WrittenPartitions(), null);
  }

  /**
   * All rows for which the predicates hold.
   *
   * @throws InvalidInputException if partition values do not decide the predicates
   */
  Overwrite matching(Predicate[] predicates) {
    if (Arrays.stream(predicates).allMatch(AlwaysTrue.class::isInstance)) {
      return of(new Overwrite.WholeTable(), null);
    }
    List<Map<String, Object>> filters = filters(predicates).orElseThrow(() -> undecided(sql(predicates)));
    return of(new Overwrite.Matching(filters), sql(predicates));
  }

  /** Whether partition values decide the predicates. */
  boolean decides(Predicate[] predicates) {
    return filters(predicates).isPresent();
  }

  private Optional<List<Map<String, Object>>> filters(Predicate[] predicates) {
    Set<String> partitionColumns = new HashSet<>(target.partitionColumns());
    List<Map<String, Object>> filters = new ArrayList<>();
    CharPadding padding = new CharPadding(target.columns());
    for (Predicate spoken : predicates) {
      if (spoken instanceof AlwaysTrue) {
        continue;
      } else if (spoken instanceof AlwaysFalse) {
        filters.add(FilterMessage.NONE);
        continue;
      }
      Predicate predicate = padding.padded(spoken);
      Optional<Map<String, Object>> filter =
          FilterMessage.isExact(predicate, partitionColumns) ? FilterMessage.of(predicate) : Optional.empty();
      if (filter.isEmpty()) {
        return Optional.empty();
      }
      filters.add(filter.get());
    }
    return Optional.of(filters);
  }

  private Overwrite of(Overwrite.Scope scope, String predicate) {
    return new Overwrite(operation, target.version(), target.tableId(), scope, predicate, ReadSettings.of(options));
  }

  private static String sql(Predicate[] predicates) {
    return Arrays.stream(predicates).map(Overwrites::sql).collect(Collectors.joining(" AND "));
  }

  /** Spark spells a null-safe comparison out. */
  private static String sql(Predicate predicate) {
    Expression[] sides = predicate.children();
    return "(" + (predicate.name().equals("<=>") ? sides[0] + " <=> " + sides[1] : predicate.toString()) + ")";
  }

  private RuntimeException undecided(String condition) {
    String action = operation == Overwrite.Operation.DELETE ? "delete" : "overwrite";
    List<String> columns = target.partitionColumns();
    return Unchecked.raise(new InvalidInputException("SLUICE_UNSUPPORTED_CONDITION", "Cannot " + action + " rows of "
        + target.table().table() + " where " + condition + ": only whole files are removed so far, so the condition must be comparisons of partition "
        + "columns (" + (columns.isEmpty() ? "the table has none" : String.join(", ", columns)) + ") with values. "
        + "Take whole partitions or all rows, or DELETE the rows, then append", null));
  }
}
