package io.sluice.spark.concurrency;

import static io.sluice.spark.SparkFixture.byPath;
import static io.sluice.spark.SparkFixture.delta;
import static io.sluice.spark.SparkFixture.freshPath;
import static io.sluice.spark.SparkFixture.sql;
import static io.sluice.spark.SparkFixture.versions;
import static org.junit.Assert.assertEquals;

import io.sluice.spark.faults.ChildJvm;
import io.sluice.spark.faults.TableFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.apache.spark.sql.functions;
import org.junit.Test;

/** Writers that share nothing but the table. */
public class ConcurrentAppendTest {
    private static final int THREADS = 8;
    private static final int JVMS = 2;
    private static final int APPENDS = 50;

    @Test
    public void eightThreadsAndTwoJvmsLoseAndRepeatNoRow() throws Exception {
        Path table = freshPath("busy");
        sql("CREATE TABLE " + byPath(table) + " (id BIGINT)");
        List<ChildJvm> children = new ArrayList<>();
        ExecutorService pool = Executors.newFixedThreadPool(THREADS);
        try {
            for (int writer = 0; writer < JVMS; writer++) {
                children.add(ChildJvm.start(ChildJvm.Options.NONE, Appender.class, table, writer * APPENDS, APPENDS));
            }
            List<Future<?>> threads = new ArrayList<>();
            for (int writer = JVMS; writer < JVMS + THREADS; writer++) {
                long first = writer * (long) APPENDS;
                threads.add(pool.submit(() -> Appender.append(table, first, APPENDS)));
            }
            for (Future<?> thread : threads) {
                thread.get();
            }
            for (ChildJvm child : children) {
                child.await(0);
            }
        } finally {
            pool.shutdownNow();
            children.forEach(ChildJvm::close);
        }
        int appends = (JVMS + THREADS) * APPENDS;
        TableFiles.assertHolds(table, LongStream.range(0, appends).boxed().toList());
        assertEquals("a version each", appends + 1, versions(table));
        assertEquals("a file each", appends, delta(table).select(functions.input_file_name()).distinct().count());
    }
}
