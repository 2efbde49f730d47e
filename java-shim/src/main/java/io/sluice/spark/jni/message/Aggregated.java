package io.sluice.spark.jni.message;

import java.util.List;

/**
 * Aggregates that the log answers.
 *
 * @param version of the table
 * @param rows null if the log does not tell
 */
public record Aggregated(long version, List<Row> rows) {
  /**
   * @param key of the grouping columns, as in {@link PackedScan}
   * @param values null for the bounds of no values; dates as days
   */
  public record Row(List<Object> key, List<Long> values) {}
}
