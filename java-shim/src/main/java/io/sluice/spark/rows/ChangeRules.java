package io.sluice.spark.rows;

import io.sluice.spark.InvalidInputException;
import io.sluice.spark.UnsupportedTableException;
import io.sluice.spark.error.Unchecked;
import io.sluice.spark.error.Unsupported;
import io.sluice.spark.jni.message.RowChange.Operation;
import io.sluice.spark.read.RowIds;
import io.sluice.spark.write.WriteTarget;
import java.util.List;
import java.util.Locale;
import java.util.function.BiFunction;
import java.util.stream.Stream;

/** Tables of which no rows are changed: it would break what a property of theirs promises, or rows could not be named. */
final class ChangeRules {
  /**
   * Concerns tables that have the property on.
   *
   * @param advice completes "Cannot … rows of …: it has …=true, "
   */
  private record Rule(String property, String condition, String advice, BiFunction<String, String, Exception> failure) {}

  private static final BiFunction<String, String, Exception> INVALID =
      (condition, message) -> new InvalidInputException(condition, message, null);
  private static final BiFunction<String, String, Exception> UNSUPPORTED =
      (condition, message) -> new UnsupportedTableException(condition, message, null);

  private static final List<Rule> RULES = List.of(
      new Rule("delta.appendOnly", "DELTA_CANNOT_MODIFY_APPEND_ONLY",
          "so it only allows appends; append, or set the property to false first", INVALID),
      new Rule("delta.enableIcebergCompatV1", "DELTA_UNSUPPORTED_FEATURES_FOR_WRITE",
          "for which whole files can only be added or removed; use delta-spark", UNSUPPORTED),
      new Rule("delta.enableIcebergCompatV2", "DELTA_UNSUPPORTED_FEATURES_FOR_WRITE",
          "for which whole files can only be added or removed; use delta-spark", UNSUPPORTED),
      new Rule("delta.enableIcebergCompatV3", "DELTA_UNSUPPORTED_FEATURES_FOR_WRITE",
          "for which files can only be added yet; use delta-spark", UNSUPPORTED));

  private ChangeRules() {}

  /** @throws io.sluice.spark.SluiceThrowable for a table with a column of the name of one of {@link RowIds} */
  static void requireNames(WriteTarget target) {
    List<String> names = Stream.concat(RowIds.COLUMNS.stream(), Stream.of(RowIds.TRACKED)).toList();
    for (String column : target.columns().fieldNames()) {
      if (names.contains(column.toLowerCase(Locale.ROOT))) {
        throw Unsupported.operation("change rows of " + target.table().table(),
            "rows are named by columns " + String.join(", ", names) + ", and the table has a column " + column
                + " of its own; rename it");
      }
    }
  }

  /** @throws io.sluice.spark.SluiceThrowable that names property and what to do */
  static void check(Operation operation, WriteTarget target) {
    for (Rule rule : RULES) {
      if (Boolean.parseBoolean(target.properties().get(rule.property))) {
        throw Unchecked.raise(rule.failure.apply(rule.condition, "Cannot " + operation.name().toLowerCase(Locale.ROOT) + " rows of "
            + target.table().table() + ": it has " + rule.property + "=true, " + rule.advice));
      }
    }
  }
}
