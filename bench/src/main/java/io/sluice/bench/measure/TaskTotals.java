package io.sluice.bench.measure;

import java.util.concurrent.atomic.LongAdder;
import org.apache.spark.executor.TaskMetrics;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.scheduler.SparkListenerTaskEnd;

/** What Spark tells of the tasks since the last reset. */
final class TaskTotals extends SparkListener {
  private final LongAdder jobs = new LongAdder();
  private final LongAdder runMillis = new LongAdder();
  private final LongAdder spilledBytes = new LongAdder();

  @Override
  public void onJobStart(SparkListenerJobStart start) {
    jobs.increment();
  }

  @Override
  public void onTaskEnd(SparkListenerTaskEnd end) {
    TaskMetrics metrics = end.taskMetrics();
    if (metrics != null) {
      runMillis.add(metrics.executorRunTime());
      spilledBytes.add(metrics.diskBytesSpilled());
    }
  }

  void reset() {
    jobs.reset();
    runMillis.reset();
    spilledBytes.reset();
  }

  long jobs() {
    return jobs.sum();
  }

  long runMillis() {
    return runMillis.sum();
  }

  long spilledBytes() {
    return spilledBytes.sum();
  }
}
