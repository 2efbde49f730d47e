package io.sluice.spark.read;

import org.apache.spark.sql.connector.metric.CustomSumMetric;
import org.apache.spark.sql.connector.metric.CustomTaskMetric;

/** Bytes of column chunks fetched, in the Spark UI. Spark makes the metric anew by class name, hence public. */
public final class BytesFetched extends CustomSumMetric {
  private static final String NAME = "bytesFetched";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String description() {
    return "bytes of column chunks read";
  }

  record Value(long value) implements CustomTaskMetric {
    @Override
    public String name() {
      return NAME;
    }
  }
}
