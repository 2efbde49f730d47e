package io.sluice.spark.concurrency;

import static io.sluice.spark.SparkFixture.byPath;
import static io.sluice.spark.SparkFixture.freshPath;
import static io.sluice.spark.SparkFixture.spark;
import static io.sluice.spark.SparkFixture.sql;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.rules.Rule;
import org.junit.After;
import org.junit.Test;
import scala.jdk.javaapi.CollectionConverters;

/** All scans of a statement see one version of a table, whoever writes to it while the statement is planned. */
public class OneVersionTest {
    @After
    public void withoutRule() {
        spark().experimental().extraOptimizations_$eq(CollectionConverters.asScala(List.<Rule<LogicalPlan>>of()).toSeq());
    }

    /** Acts when Spark has planned the scans of a subquery, and not yet those of the query around it. */
    private static AtomicInteger afterTheFirstScan(Runnable action) {
        AtomicInteger times = new AtomicInteger();
        Rule<LogicalPlan> rule = new Rule<>() {
            @Override
            public LogicalPlan apply(LogicalPlan plan) {
                boolean isScanned = plan.toString().contains("RelationV2") || plan.toString().contains("LocalRelation");
                if (isScanned && times.getAndIncrement() == 0) {
                    onAnotherThread(action);
                }
                return plan;
            }
        };
        spark().experimental().extraOptimizations_$eq(CollectionConverters.asScala(List.of(rule)).toSeq());
        return times;
    }

    /** Of no statement, where a thread begun here is of this one's. */
    private static void onAnotherThread(Runnable action) {
        Thread thread = new Thread(() -> {
            for (String key : List.of("spark.sql.execution.id", "spark.sql.execution.root.id")) {
                spark().sparkContext().setLocalProperty(key, null);
            }
            action.run();
        });
        thread.start();
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Path table() {
        Path table = freshPath("versions");
        sql("CREATE TABLE " + byPath(table) + " AS SELECT id FROM range(10)");
        return table;
    }

    private static void assertOneVersion(String query) {
        Path table = table();
        AtomicInteger times = afterTheFirstScan(() -> sql("INSERT INTO " + byPath(table) + " SELECT id FROM range(100, 105)"));
        Row row = sql(query.replace("%s", byPath(table))).first();
        assertFalse("the rule was applied", times.get() == 0);
        assertEquals(query, row.getLong(0), row.getLong(1));
        assertEquals("the next statement sees what was written", 15, spark().table(byPath(table)).count());
    }

    @Test
    public void subqueriesSeeTheVersionOfTheQuery() {
        assertOneVersion("SELECT (SELECT count(id) FROM %s WHERE id >= 0) AS one, count(id) AS other FROM %s WHERE id > -1");
        assertOneVersion("SELECT (SELECT count(*) FROM %s) AS one, sum(IF(id >= 0, 1, 0)) AS other FROM %s");
    }

    /** A statement that writes sees afterwards what it has written. */
    @Test
    public void cachesAreFilledWithWhatTheirStatementWrote() {
        Path table = table();
        spark().table(byPath(table)).cache().count();
        try {
            sql("INSERT INTO " + byPath(table) + " SELECT id + 100 FROM " + byPath(table));
            assertEquals(20, spark().table(byPath(table)).count());
            sql("TRUNCATE TABLE " + byPath(table));
            assertEquals(0, spark().table(byPath(table)).count());
        } finally {
            spark().catalog().uncacheTable(byPath(table));
        }
    }

    /** A batch of a stream is one execution, within which the user's statements run. */
    @Test
    public void batchesOfStreamsSeeWhatTheyHaveWritten() throws Exception {
        Path table = table();
        long[] counts = new long[2];
        var rates = spark().readStream().format("rate").option("rowsPerSecond", "5").load();
        rates.writeStream().trigger(org.apache.spark.sql.streaming.Trigger.AvailableNow()).option("checkpointLocation", freshPath("checkpoint").toString())
                .foreachBatch((org.apache.spark.api.java.function.VoidFunction2<org.apache.spark.sql.Dataset<Row>, Long>) (batch, id) -> {
                    var before = batch.sparkSession().table(byPath(table)).cache();
                    counts[0] = before.count();
                    before.unpersist();
                    batch.sparkSession().range(3).toDF("id").writeTo(byPath(table)).append();
                    var after = batch.sparkSession().table(byPath(table)).cache();
                    counts[1] = after.count();
                    after.unpersist();
                }).start().awaitTermination();
        assertEquals(counts[0] + 3, counts[1]);
        assertFalse(counts[0] == 0);
    }
}
