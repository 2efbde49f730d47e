package io.sluice.spark.rows;

import io.sluice.spark.session.Execution;
import io.sluice.spark.session.Plans;
import io.sluice.spark.write.MergeCounts;
import io.sluice.spark.write.StatementText;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.catalyst.plans.logical.MergeRows;
import org.apache.spark.sql.catalyst.plans.logical.WriteDelta;
import org.apache.spark.sql.connector.write.RowLevelOperation.Command;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The statement of a change. Spark tells a write nothing of it; but it stands in the plan that is being executed.
 *
 * @param plan empty if it cannot be found there
 */
record ChangeStatement(Optional<WriteDelta> plan) {
  /** The one that this thread executes. */
  static ChangeStatement of(ChangeOperation operation) {
    return new ChangeStatement(Execution.find(WriteDelta.class, write -> write.operation() == operation));
  }

  /** What it says of the rows that it changes, as {@link StatementText} has it. What cannot be found is left out. */
  Map<String, String> parameters() {
    return plan.map(ChangeStatement::parameters).orElse(Map.of());
  }

  /**
   * Whether it inserts rows for what matches none, and may pass over rows that match: if such a row were not there, it would insert
   * one. True if that cannot be told.
   */
  boolean insertsUnmatched() {
    return plan.map(write -> write.operation().command() == Command.MERGE
        && merge(write).map(ChangeStatement::insertsUnmatched).orElse(true)).orElse(true);
  }

  private static boolean insertsUnmatched(MergeRows rows) {
    boolean touchesAllThatMatch = CollectionConverters.asJava(rows.matchedInstructions()).stream()
        .anyMatch(clause -> StatementText.isTrue(clause.condition()));
    return !rows.notMatchedInstructions().isEmpty() && !touchesAllThatMatch;
  }

  /** Counts of rows that are known from the statement alone. */
  Map<String, Long> counts() {
    boolean matchesSource = plan.flatMap(ChangeStatement::merge).map(rows -> rows.notMatchedBySourceInstructions().isEmpty()).orElse(false);
    return matchesSource ? MergeCounts.NONE : Map.of();
  }

  private static Map<String, String> parameters(WriteDelta write) {
    return switch (write.operation().command()) {
      case DELETE -> Map.of(StatementText.PREDICATE, StatementText.conditions(List.of(write.condition())));
      case UPDATE -> Map.of(StatementText.PREDICATE, StatementText.conditions(
          StatementText.isTrue(write.condition()) ? List.of() : List.of(write.condition())));
      case MERGE -> StatementText.merge(write.condition(), merge(write));
    };
  }

  private static Optional<MergeRows> merge(WriteDelta write) {
    return Plans.find(write.query(), MergeRows.class, rows -> true);
  }
}
