package io.sluice.spark.jni.message;

import java.io.Serializable;

/**
 * What a task writer has done so far.
 *
 * @param bytes encoded so far; all of them once the task is finished
 * @param memoryBytes held natively at this moment
 */
public record TaskMetrics(
    long rows,
    long bytes,
    long files,
    long partitions,
    long partitionNanos,
    long encodeNanos,
    long storageNanos,
    long memoryBytes)
    implements Serializable {
  public static final TaskMetrics NONE = new TaskMetrics(0, 0, 0, 0, 0, 0, 0, 0);

  /** Time spent natively, of whatever kind. */
  public long nanos() {
    return partitionNanos + encodeNanos + storageNanos;
  }

  public static TaskMetrics of(long[] values) {
    return new TaskMetrics(
        values[0], values[1], values[2], values[3], values[4], values[5], values[6], values[7]);
  }
}
