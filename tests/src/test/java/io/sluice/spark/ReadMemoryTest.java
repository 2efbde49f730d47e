package io.sluice.spark;

import static io.sluice.spark.ReadTest.sluice;
import static io.sluice.spark.SparkFixture.freshPath;
import static io.sluice.spark.SparkFixture.spark;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.junit.Test;

/** What native readers hold is counted as execution memory of their tasks, and given back. */
public class ReadMemoryTest {
    private static Iterator<Long> counted(Iterator<Row> rows) {
        rows.next();
        return List.of(TaskContext.get().taskMemoryManager().getMemoryConsumptionForThisTask()).iterator();
    }

    @Test
    public void readersAreCounted() {
        Path table = freshPath("memory");
        spark().range(0, 300_000, 1, 1).selectExpr("id", "uuid() AS s").write().format("delta").save(table.toString());
        long size = sluice(table).select("_metadata.file_size").first().getLong(0);
        MapPartitionsFunction<Row, Long> count = ReadMemoryTest::counted;
        long counted = sluice(table).mapPartitions(count, Encoders.LONG()).as(Encoders.LONG()).first();
        assertTrue(counted + " bytes for a file of " + size, counted > size * 9 / 10 && counted < size + (64 << 20));
        assertEquals("a task that ends early gives all back", 5, sluice(table).limit(5).collectAsList().size());
        assertEquals(0, SparkEnv.get().memoryManager().executionMemoryUsed());
    }
}
