package io.sluice.run;

import java.io.PrintStream;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.scheduler.SparkListenerTaskEnd;

/** A line with a bar every other second: a short job prints none, and a build's log shows them one below the other. */
final class Progress extends SparkListener {
    private static final int WIDTH = 30;
    private static final long INTERVAL_NANOS = 2_000_000_000L;

    private final PrintStream out;
    private boolean active;
    private long start;
    private long lastShown;
    private int tasks;
    private int done;
    private long rows;

    Progress(PrintStream out) {
        this.out = out;
    }

    synchronized void begin() {
        active = true;
        start = System.nanoTime();
        lastShown = start;
        tasks = 0;
        done = 0;
        rows = 0;
    }

    synchronized void end() {
        active = false;
    }

    @Override
    public synchronized void onJobStart(SparkListenerJobStart job) {
        scala.jdk.javaapi.CollectionConverters.asJava(job.stageInfos()).forEach(stage -> tasks += stage.numTasks());
    }

    @Override
    public synchronized void onTaskEnd(SparkListenerTaskEnd task) {
        done++;
        if (task.taskMetrics() != null) {
            rows += task.taskMetrics().inputMetrics().recordsRead();
        }
        long now = System.nanoTime();
        if (active && tasks > 0 && now - lastShown >= INTERVAL_NANOS) {
            lastShown = now;
            show((now - start) / 1e9);
        }
    }

    private void show(double seconds) {
        int filled = Math.min(WIDTH, WIDTH * done / tasks);
        out.printf("  [%s%s] %d of %d tasks, %,d rows, %.0f s%n",
            "#".repeat(filled), "-".repeat(WIDTH - filled), done, tasks, rows, seconds);
    }
}
