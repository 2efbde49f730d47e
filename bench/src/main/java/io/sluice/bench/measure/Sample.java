package io.sluice.bench.measure;

/**
 * One measured action. What could not be measured here is -1.
 *
 * @param peakRssBytes the process at its largest
 * @param taskMillis of all tasks together
 * @param spilledBytes what tasks wrote to disk for want of memory
 */
public record Sample(long nanos, long peakRssBytes, long taskMillis, long spilledBytes, long jobs) {
  static final long UNKNOWN = -1;

  /** When a thing is too short for all but a clock. */
  public static Sample of(long nanos) {
    return new Sample(nanos, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN);
  }

  /** The same sample with the time of a part of the action in place of that of the whole. */
  public Sample taking(long nanosOfPart) {
    return new Sample(nanosOfPart, peakRssBytes, taskMillis, spilledBytes, jobs);
  }

  public double millis() {
    return nanos / 1e6;
  }
}
