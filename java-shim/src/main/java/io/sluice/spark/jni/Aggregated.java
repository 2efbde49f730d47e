package io.sluice.spark.jni;

import java.util.List;

/**
 * Aggregates that the log answers.
 *
 * @param version of the table
 * @param values null if the log does not tell; in it, null for the bounds of no values, and dates as days
 */
public record Aggregated(long version, List<Long> values) {}
