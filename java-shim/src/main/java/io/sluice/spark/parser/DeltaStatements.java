package io.sluice.spark.parser;

import io.sluice.spark.procedure.ProcedureProvider;
import io.sluice.spark.procedure.Procedures;
import io.sluice.spark.table.SparkTable;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.catalyst.analysis.ResolvedTable;
import org.apache.spark.sql.catalyst.parser.ParseException;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.rules.Rule;
import scala.Option;
import scala.Product;

/**
 * The statements of Delta's own connector. Where its parser has come before ours (its extension is listed after), it has taken
 * those about our tables for its own, and would refuse them.
 */
public final class DeltaStatements extends Rule<LogicalPlan> {
  private static final String HISTORY = "org.apache.spark.sql.delta.commands.DescribeDeltaHistory";
  private static final String DETAIL = "org.apache.spark.sql.delta.commands.DescribeDeltaDetailCommand";

  /** Whether its parser is there, and takes a text for one of them. */
  static boolean isOne(SluiceParser.Parsing<LogicalPlan> parsing) {
    try {
      String kind = parsing.parse().getClass().getName();
      return kind.equals(HISTORY) || kind.equals(DETAIL);
    } catch (ParseException e) {
      return false;
    }
  }

  @Override
  public LogicalPlan apply(LogicalPlan plan) {
    return switch (plan.getClass().getName()) {
      case HISTORY -> redirected(plan, Procedures.HISTORY, limit(plan));
      case DETAIL -> redirected(plan, Procedures.DETAIL, null);
      default -> plan;
    };
  }

  private static LogicalPlan redirected(LogicalPlan plan, String procedure, Long limit) {
    boolean isOurs = plan.children().head() instanceof ResolvedTable resolved
        && resolved.table() instanceof SparkTable && resolved.catalog() instanceof ProcedureProvider;
    if (!isOurs) {
      return plan;
    }
    ResolvedTable resolved = (ResolvedTable) plan.children().head();
    List<String> parts = Stream.concat(
        Arrays.stream(resolved.identifier().namespace()), Stream.of(resolved.identifier().name())).toList();
    return Calls.of((ProcedureProvider) resolved.catalog(), procedure, parts, limit);
  }

  /** The field after the table. */
  private static Long limit(LogicalPlan history) {
    Object limit = ((Product) history).productElement(1);
    return limit instanceof Option<?> given && given.isDefined() ? ((Number) given.get()).longValue() : null;
  }
}
