package io.sluice.spark.faults;

import static io.sluice.spark.SparkFixture.byPath;
import static io.sluice.spark.SparkFixture.freshPath;
import static io.sluice.spark.SparkFixture.sql;
import static io.sluice.spark.SparkFixture.temporaryDirectory;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.Test;

/** Attempts that end by an error or together with their executor, and are repeated by Spark. */
public class LostTaskTest {
    @Test
    public void repeatedTasksLeaveEveryRowOnceAndNoFileBeside() throws Exception {
        List<Path> tables = new ArrayList<>();
        List<Object> arguments = new ArrayList<>();
        for (ClusterJobs.Befalls fault : ClusterJobs.Befalls.values()) {
            Path table = freshPath("lost");
            sql("CREATE TABLE " + byPath(table) + " (id BIGINT)");
            tables.add(table);
            arguments.addAll(List.of(fault, table));
        }
        ChildJvm.run(new ChildJvm.Options(List.of(), sparkHome()), ClusterJobs.class, arguments.toArray());
        for (Path table : tables) {
            TableFiles.assertHolds(table, LongStream.range(0, ClusterJobs.ROWS).boxed().toList());
        }
    }

    /** As little of a Spark installation as lets a local cluster start executors on our class path. */
    private static Map<String, String> sparkHome() throws Exception {
        Path home = temporaryDirectory("home");
        Files.createDirectory(home.resolve("jars"));
        return Map.of("SPARK_HOME", home.toString(), "SPARK_SCALA_VERSION", "2.13");
    }
}
