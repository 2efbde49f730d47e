package io.sluice.spark.columnar;

import java.util.Set;
import org.apache.spark.sql.catalyst.rules.Rule;
import org.apache.spark.sql.execution.ColumnarRule;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.datasources.v2.V2ExistingTableWriteExec;
import org.apache.spark.sql.internal.SQLConf;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Spark's {@code ColumnarRule} that lets a write of ours take columnar batches. Everything else of the write stays
 * Spark's: tasks, retries, metrics, commit. Whatever it does not recognise it leaves alone, and rows are written.
 */
public final class ColumnarAppends extends ColumnarRule {
  /** In a session's configuration; true unless set. */
  public static final String ENABLED = "spark.sluice.columnar.enabled";

  private static final Logger LOG = LoggerFactory.getLogger(ColumnarAppends.class);
  /** Writes of the plain rows of a query. Row-level operations write other things and are none of these. */
  private static final Set<String> WRITES =
      Set.of("AppendDataExec", "OverwriteByExpressionExec", "OverwritePartitionsDynamicExec");

  private static volatile boolean available = true;

  /** Runs when Spark has put conversions to rows between columnar plans and those that want rows. */
  @Override
  public Rule<SparkPlan> postColumnarTransitions() {
    return new Rule<>() {
      @Override
      public SparkPlan apply(SparkPlan plan) {
        return ColumnarAppends.apply(plan);
      }
    };
  }

  private static SparkPlan apply(SparkPlan plan) {
    try {
      return available && plan instanceof V2ExistingTableWriteExec write && write.write() instanceof TakesBatches ours
              && isPlainWrite(write) ? columnar(plan, write.query(), ours) : plan;
    } catch (LinkageError otherSpark) {
      unavailable(otherSpark);
      return plan;
    } catch (RuntimeException | AssertionError otherPlan) {
      LOG.warn("Rows are written, as the columns of a plan cannot be taken", otherPlan);
      return plan;
    }
  }

  /** Says once that this Spark has not the internals that columnar input needs. */
  private static void unavailable(Throwable cause) {
    if (available) {
      available = false;
      LOG.warn("Columnar input does not work with this version of Spark; rows are written instead", cause);
    }
  }

  private static boolean isPlainWrite(V2ExistingTableWriteExec write) {
    return WRITES.contains(write.getClass().getSimpleName())
        && Boolean.parseBoolean(SQLConf.get().getConfString(ENABLED, "true"));
  }

  private static SparkPlan columnar(SparkPlan write, SparkPlan query, TakesBatches ours) {
    SparkPlan rows = ZeroFilters.withheld(query);
    SparkPlan input = ColumnarSource.of(rows, ours.at()).orElse(rows);
    return input == query ? write : write.withNewChildren(CollectionConverters.asScala(java.util.List.of(input)).toSeq());
  }
}
