package io.sluice.spark.faults;

import static io.sluice.spark.SparkFixture.byPath;
import static io.sluice.spark.SparkFixture.freshPath;
import static io.sluice.spark.SparkFixture.sql;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.Test;

/** Attempts that end in another JVM, by an error or together with their executor. */
public class LostTaskTest {
    @Test
    public void retriedTasksLeaveEveryRowOnceAndNoFileBeside() throws Exception {
        Map<ClusterJobs.Befalls, Path> jobs = new LinkedHashMap<>();
        for (ClusterJobs.Befalls fault : ClusterJobs.Befalls.values()) {
            jobs.put(fault, freshPath("lost"));
            sql("CREATE TABLE " + byPath(jobs.get(fault)) + " (id BIGINT)");
        }
        Path home = io.sluice.spark.SparkFixture.temporaryDirectory("home");
        Files.createDirectory(home.resolve("jars"));
        ChildJvm.run(new ChildJvm.Options(List.of(), Map.of("SPARK_HOME", home.toString(), "SPARK_SCALA_VERSION", "2.13")), ClusterJobs.class,
                jobs.entrySet().stream().flatMap(job -> java.util.stream.Stream.of(job.getKey(), job.getValue())).toArray());
        for (Path table : jobs.values()) {
            TableFiles.assertHolds(table, LongStream.range(0, ClusterJobs.ROWS).boxed().toList());
        }
    }
}
