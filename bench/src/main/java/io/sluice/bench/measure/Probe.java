package io.sluice.bench.measure;

import java.util.concurrent.TimeoutException;
import org.apache.spark.SparkContext;

/** Measures one action at a time. */
public final class Probe {
  private final SparkContext spark;
  private final TaskTotals totals = new TaskTotals();

  public Probe(SparkContext spark) {
    this.spark = spark;
    spark.addSparkListener(totals);
  }

  /** Collects garbage first, so that none of it is charged to the next peer. */
  public Sample measure(Runnable action) {
    System.gc();
    drainEvents();
    totals.reset();
    boolean memory = ResidentMemory.reset();
    long start = System.nanoTime();
    action.run();
    long nanos = System.nanoTime() - start;
    long peak = memory ? ResidentMemory.peakBytes() : Sample.UNKNOWN;
    drainEvents();
    return new Sample(nanos, peak, totals.runMillis(), totals.spilledBytes(), totals.jobs());
  }

  /** Time alone, for actions so short that the rest would disturb them. */
  public static Sample time(Runnable action) {
    long start = System.nanoTime();
    action.run();
    return Sample.of(System.nanoTime() - start);
  }

  /** Spark tells its listeners later, from another thread. */
  public void drainEvents() {
    try {
      spark.listenerBus().waitUntilEmpty();
    } catch (TimeoutException e) {
      throw new IllegalStateException("Spark's listeners are stuck", e);
    }
  }
}
