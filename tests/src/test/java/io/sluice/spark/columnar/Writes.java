package io.sluice.spark.columnar;

import static io.sluice.spark.SparkFixture.spark;

import java.util.concurrent.atomic.AtomicLong;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.execution.QueryExecution;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.datasources.v2.V2ExistingTableWriteExec;
import org.apache.spark.sql.util.QueryExecutionListener;

/** Watches what Spark's listeners are told of writes. */
final class Writes extends SparkListener implements QueryExecutionListener {
    private final AtomicLong records = new AtomicLong();
    private volatile SparkPlan last;

    void start() {
        spark().sparkContext().addSparkListener(this);
        spark().listenerManager().register(this);
    }

    void stop() {
        spark().sparkContext().removeSparkListener(this);
        spark().listenerManager().unregister(this);
    }

    /** Whether the last write's plan took batches. */
    boolean lastWasColumnar() throws Exception {
        settle();
        return last.toString().contains("SluiceColumnarInput");
    }

    /** Files that native code read for the last write, which was columnar. */
    long filesReadNatively() throws Exception {
        settle();
        return last.children().head().longMetric(BatchesExec.NATIVE_FILES).value();
    }

    /** Records that tasks wrote, by Spark's own account. */
    long records() throws Exception {
        settle();
        return records.get();
    }

    void forgetRecords() throws Exception {
        settle();
        records.set(0);
    }

    @Override
    public void onTaskEnd(SparkListenerTaskEnd end) {
        if (end.taskMetrics() != null) {
            records.addAndGet(end.taskMetrics().outputMetrics().recordsWritten());
        }
    }

    @Override
    public void onSuccess(String function, QueryExecution query, long nanos) {
        if (query.executedPlan() instanceof V2ExistingTableWriteExec) {
            last = query.executedPlan();
        }
    }

    @Override
    public void onFailure(String function, QueryExecution query, Exception failure) {}

    private static void settle() throws Exception {
        spark().sparkContext().listenerBus().waitUntilEmpty();
    }
}
