package io.sluice.spark.session;

import java.util.Optional;
import java.util.function.Predicate;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.execution.QueryExecution;
import org.apache.spark.sql.execution.SQLExecution;
import scala.jdk.javaapi.OptionConverters;

/**
 * What a thread executes.
 *
 * @param id Spark's
 */
public record Execution(String id, QueryExecution query) {
  /** Of this thread; empty outside of executions. A thread may have been begun by one that has ended since. */
  public static Optional<Execution> current() {
    return property(SQLExecution.EXECUTION_ID_KEY())
        .filter(id -> id.matches("\\d+"))
        .map(id -> new Execution(id, SQLExecution.getQueryExecution(Long.parseLong(id))))
        .filter(execution -> execution.query() != null);
  }

  /**
   * The topmost node of a kind that is meant, in the plan that this thread executes, as the optimizer has left it. Not to be asked for
   * before the execution has begun.
   */
  public static <P extends LogicalPlan> Optional<P> find(Class<P> kind, Predicate<P> isMeant) {
    return current().flatMap(execution -> Plans.find(execution.query().optimizedPlan(), kind, isMeant));
  }

  /** Id of the outermost execution that this thread's is part of. */
  public static Optional<String> rootId() {
    return property(SQLExecution.EXECUTION_ROOT_ID_KEY());
  }

  private static Optional<String> property(String key) {
    return OptionConverters.toJava(SparkSession.getActiveSession())
        .map(session -> session.sparkContext().getLocalProperty(key));
  }
}
