package io.sluice.bench.measure;

import java.util.List;
import java.util.function.ToDoubleFunction;

/** Samples in a few numbers, each a measured value and never interpolated; the median of an even count is the upper. */
public record Summary(int count, double min, double median, double p95, double p99, double max) {

  public static Summary ofMillis(List<Sample> samples) {
    return of(samples, Sample::millis);
  }

  public static <T> Summary of(List<T> samples, ToDoubleFunction<T> value) {
    double[] sorted = samples.stream().mapToDouble(value).sorted().toArray();
    return new Summary(sorted.length, sorted[0], sorted[sorted.length / 2], at(sorted, 0.95), at(sorted, 0.99),
        sorted[sorted.length - 1]);
  }

  private static double at(double[] sorted, double share) {
    return sorted[(int) Math.ceil(share * sorted.length) - 1];
  }
}
