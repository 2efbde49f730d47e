package io.sluice.bench.measure;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.execution.ui.SQLAppStatusStore;
import org.apache.spark.sql.execution.ui.SQLExecutionUIData;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Where the time of Sluice's appends goes, from the metrics it shows in Spark's UI: milliseconds by stage. All but the
 * commit are summed over tasks, so with two cores they may add up to twice the time that passed.
 */
public final class Stages {
  /** Stage to the metric's name in the UI. */
  private static final Map<String, String> METRICS = metrics();

  private static final Pattern AMOUNT = Pattern.compile("([\\d.,]+) (ms|s|min|m|h)\\b");

  private Stages() {}

  private static Map<String, String> metrics() {
    Map<String, String> metrics = new LinkedHashMap<>();
    metrics.put("scan", "scan time");
    metrics.put("convert", "time in rows to Arrow (sampled)");
    metrics.put("cross", "time between Java and native code");
    metrics.put("partition", "time in splitting rows by partition");
    metrics.put("encode", "time in Parquet encoding");
    metrics.put("storage", "time waiting for storage");
    metrics.put("commit", "time in commit");
    return metrics;
  }

  /** The stages of the last writes of Sluice, oldest first. Drain Spark's events before. */
  public static List<Map<String, Double>> last(SparkSession session, int writes) {
    SQLAppStatusStore store = ((org.apache.spark.sql.classic.SparkSession) session).sharedState().statusStore();
    List<SQLExecutionUIData> ours = CollectionConverters.asJava(store.executionsList()).stream()
        .filter(Stages::isOurs).toList();
    return ours.subList(Math.max(0, ours.size() - writes), ours.size()).stream()
        .map(execution -> stages(store, execution)).toList();
  }

  private static boolean isOurs(SQLExecutionUIData execution) {
    return CollectionConverters.asJava(execution.metrics()).stream()
        .anyMatch(metric -> metric.name().equals(METRICS.get("encode")));
  }

  private static Map<String, Double> stages(SQLAppStatusStore store, SQLExecutionUIData execution) {
    Map<Object, String> values = CollectionConverters.asJava(store.executionMetrics(execution.executionId()));
    Map<String, Double> stages = new LinkedHashMap<>();
    METRICS.forEach((stage, name) -> CollectionConverters.asJava(execution.metrics()).stream()
        .filter(metric -> metric.name().equals(name) && values.containsKey(metric.accumulatorId()))
        .forEach(metric -> stages.merge(stage, millis(values.get(metric.accumulatorId())), Double::sum)));
    return stages;
  }

  /** The total, which stands first in all of the UI's ways to say an amount of time. */
  static double millis(String shown) {
    Matcher amount = AMOUNT.matcher(shown);
    if (!amount.find()) {
      return 0;
    }
    double value = Double.parseDouble(amount.group(1).replace(",", ""));
    return switch (amount.group(2).toLowerCase(Locale.ROOT)) {
      case "s" -> value * 1_000;
      case "m", "min" -> value * 60_000;
      case "h" -> value * 3_600_000;
      default -> value;
    };
  }
}
