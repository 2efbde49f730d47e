package io.sluice.spark.faults;

import static io.sluice.spark.SparkFixture.byPath;
import static io.sluice.spark.SparkFixture.freshPath;
import static io.sluice.spark.SparkFixture.spark;
import static io.sluice.spark.SparkFixture.sql;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;
import org.apache.spark.SparkException;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.junit.ClassRule;
import org.junit.Test;

/** Tasks that throw or are killed half through, by what they leave on disk when they do. */
public class FailedTaskTest {
    @ClassRule
    public static final QuietLog QUIET = new QuietLog();

    private static final long ROWS = 2_000;
    private static final long MIDDLE = 1_500;
    private static final Map<String, String> FILES_OF_100_ROWS =
            Map.of("maxRecordsPerFile", "100", "sluice.batchRows", "50");

    /** How rows are laid out, the files that hold the first thousand, and those there are at least at row MIDDLE. */
    private record Write(String name, String layout, Map<String, String> options, int ofThousand, int atMiddle) {}

    private static final List<Write> WRITES = List.of(
            new Write("in its first batch", "", Map.of(), 1, 0),
            new Write("with a file begun", "", Map.of("sluice.batchRows", "50"), 1, 0),
            new Write("with files finished", "", FILES_OF_100_ROWS, 10, 15),
            new Write("with files in many partitions", "PARTITIONED BY (p)", FILES_OF_100_ROWS, 14, 0));

    @Test
    public void aTaskThatThrowsLeavesTheTableAsItWas() {
        for (Write write : WRITES) {
            Path table = table(write);
            var before = TableFiles.state(table);
            Throwable thrown = assertThrows(SparkException.class, () -> append(rows(1, task -> {
                await(() -> TableFiles.data(table).size() >= 1 + write.atMiddle());
                throw new IllegalArgumentException("a bad row");
            }), table, write.options()));
            assertEquals("a bad row", Failures.find(IllegalArgumentException.class, thrown).getMessage());
            TableFiles.assertUnchanged("after failing " + write.name(), before, table);
        }
    }

    @Test
    public void whatOtherTasksHadCommittedGoesWithTheJob() {
        for (Write write : WRITES) {
            Path table = table(write);
            var before = TableFiles.state(table);
            Throwable thrown = assertThrows(SparkException.class, () -> append(rows(2, task -> {
                await(() -> filesOfFirstTask(table) == 1 + write.ofThousand());
                throw new IllegalArgumentException("the second task fails");
            }), table, write.options()));
            Failures.find(IllegalArgumentException.class, thrown);
            TableFiles.assertUnchanged("after failing " + write.name(), before, table);
        }
    }

    @Test
    public void aKilledAttemptIsRepeatedAndLeavesNothing() throws Exception {
        for (boolean interrupt : new boolean[] {true, false}) {
            Path table = table(WRITES.get(2));
            AtomicReference<TaskContext> killed = new AtomicReference<>();
            append(rows(1, task -> {
                killed.set(task);
                await(() -> TableFiles.data(table).size() == 16);
                spark().sparkContext().killTaskAttempt(task.taskAttemptId(), interrupt, "killed by a test");
                await(task::isInterrupted);
            }), table, FILES_OF_100_ROWS);
            assertTrue("the attempt was killed", killed.get().isInterrupted());
            TableFiles.assertHolds(table, LongStream.range(-1, ROWS).boxed().toList());
        }
    }

    @Test
    public void aCancelledJobLeavesTheTableAsItWas() throws Exception {
        for (boolean interrupt : new boolean[] {true, false}) {
            Path table = table(WRITES.get(2));
            var before = TableFiles.state(table);
            AtomicReference<TaskContext> cancelled = new AtomicReference<>();
            spark().sparkContext().setJobGroup("doomed", "cancelled by a test", interrupt);
            try {
                assertThrows(SparkException.class, () -> append(rows(1, task -> {
                    cancelled.set(task);
                    await(() -> TableFiles.data(table).size() == 16);
                    spark().sparkContext().cancelJobGroup("doomed");
                    await(task::isInterrupted);
                }), table, FILES_OF_100_ROWS));
            } finally {
                spark().sparkContext().clearJobGroup();
            }
            await(() -> cancelled.get().isCompleted()); // later than the job, which fails at once
            TableFiles.assertUnchanged("interrupted: " + interrupt, before, table);
        }
    }

    private static Path table(Write write) {
        Path table = freshPath("failed");
        sql("CREATE TABLE " + byPath(table) + " (id BIGINT, p INT) " + write.layout());
        sql("INSERT INTO " + byPath(table) + " VALUES (-1, 0)");
        return table;
    }

    private static Dataset<Row> rows(int tasks, Midway.Action action) {
        return spark().range(0, ROWS, 1, tasks).select(Midway.at(MIDDLE, action))
                .withColumn("p", functions.expr("CAST(id % 7 AS INT)"));
    }

    private static void append(Dataset<Row> rows, Path table, Map<String, String> options) throws Exception {
        rows.writeTo(byPath(table)).options(options).append();
    }

    private static long filesOfFirstTask(Path table) {
        return TableFiles.data(table).stream().filter(f -> f.getFileName().toString().startsWith("part-00000-")).count();
    }

    private static void await(Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.call()) {
            assertFalse("waited in vain", System.nanoTime() > deadline);
            Thread.sleep(10);
        }
    }
}
