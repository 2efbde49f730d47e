package io.sluice.spark.write;

import io.sluice.spark.session.Execution;
import io.sluice.spark.session.Plans;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.Literal$;
import org.apache.spark.sql.catalyst.optimizer.ConstantFolding$;
import org.apache.spark.sql.catalyst.plans.LeftAnti$;
import org.apache.spark.sql.catalyst.plans.logical.AppendData;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.Join;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.MergeRows;
import org.apache.spark.sql.connector.write.Write;
import org.apache.spark.sql.execution.datasources.v2.DataSourceV2Relation;
import scala.jdk.javaapi.CollectionConverters;
import scala.jdk.javaapi.OptionConverters;

/**
 * A MERGE that only inserts. Spark makes an append of it: of the rows of the source for which an anti join finds none in the table. It
 * tells the write no more, but the plan that is being executed shows that both are about the one relation, as in no other statement.
 *
 * @param unmatched the source's rows that match none
 * @param query what becomes of them
 */
record InsertingMerge(Join unmatched, LogicalPlan query) {
  /** The one that this thread executes, if the write is of one. */
  static Optional<InsertingMerge> of(Write write) {
    return Execution.find(AppendData.class, append -> append.write().contains(write)).flatMap(InsertingMerge::of);
  }

  private static Optional<InsertingMerge> of(AppendData append) {
    return OptionConverters.toJava(append.analyzedQuery()).flatMap(query ->
        Plans.find(query, Join.class, join -> isOfMerge(join, (LogicalPlan) append.table())).map(join -> new InsertingMerge(join, query)));
  }

  private static boolean isOfMerge(Join join, LogicalPlan target) {
    return join.joinType() == LeftAnti$.MODULE$ && join.condition().isDefined()
        && Plans.find(join.right(), DataSourceV2Relation.class, read -> read.outputSet().equals(target.outputSet())).isPresent();
  }

  /** What it says of the rows, as {@link StatementText} has it. */
  Map<String, String> parameters() {
    return StatementText.insertingMerge(folded(unmatched.condition().get()), inserts());
  }

  /** Conditions of its clauses; that of a single one cannot be told from a filter of the source. */
  private Optional<List<Expression>> inserts() {
    Optional<MergeRows> several = Plans.find(query, MergeRows.class, rows -> true);
    if (several.isPresent()) {
      return several.map(rows -> CollectionConverters.asJava(rows.notMatchedInstructions()).stream()
          .map(insert -> folded(insert.condition()))
          .toList());
    }
    boolean mayHaveOne = unmatched.left() instanceof Filter;
    return mayHaveOne ? Optional.empty() : Optional.of(List.of(Literal$.MODULE$.TrueLiteral()));
  }

  private Expression folded(Expression condition) {
    Filter filter = new Filter(condition, unmatched.left());
    return ((Filter) ConstantFolding$.MODULE$.apply(filter)).condition();
  }
}
