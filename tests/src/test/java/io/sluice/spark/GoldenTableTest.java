package io.sluice.spark;

import static io.sluice.spark.ReadTest.sluice;
import static io.sluice.spark.SparkFixture.delta;
import static io.sluice.spark.SparkFixture.freshPath;
import static io.sluice.spark.SparkFixture.spark;
import static io.sluice.spark.SparkFixture.sql;
import static org.junit.Assert.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.delta.DeltaLog;
import org.junit.Test;
import scala.Option;

/** Tables with a past, made by delta-spark: every kind of checkpoint, read at every version that is left. */
public class GoldenTableTest {
    private static final String PART_SIZE = "spark.databricks.delta.checkpoint.partSize";
    private static final String TOP_LEVEL = "spark.databricks.delta.checkpointV2.topLevelFileFormat";

    /** A kind of checkpoint: settings of the session, what its files match, and what it changes of the table's commits. */
    private record Kind(String name, Map<String, String> settings, String files, UnaryOperator<String> change) {
        Kind(String name, Map<String, String> settings, String files) {
            this(name, settings, files, UnaryOperator.identity());
        }
    }

    private static final String CLASSIC = "\\d{20}\\.checkpoint\\.parquet";
    private static final Map<String, List<Kind>> KINDS = Map.of(
            "classic", List.of(
                    new Kind("classic", Map.of(), CLASSIC),
                    new Kind("multi-part", Map.of(PART_SIZE, "4"), "\\d{20}\\.checkpoint\\.\\d{10}\\.\\d{10}\\.parquet"),
                    new Kind("statistics as structs", Map.of(), CLASSIC, GoldenTableTest::withoutJsonStatistics)),
            "v2", List.of(
                    new Kind("v2 in JSON", Map.of(PART_SIZE, "4", TOP_LEVEL, "json"), "\\d{20}\\.checkpoint\\.[-0-9a-f]+\\.json"),
                    new Kind("v2 in Parquet", Map.of(PART_SIZE, "4", TOP_LEVEL, "parquet"), "\\d{20}\\.checkpoint\\.[-0-9a-f]+\\.parquet")));

    private static String withoutJsonStatistics(String commit) {
        return commit.replace("\"delta.checkpoint.writeStatsAsJson\":\"true\"",
                "\"delta.checkpoint.writeStatsAsJson\":\"false\",\"delta.checkpoint.writeStatsAsStruct\":\"true\"");
    }

    @Test
    public void checkpointsOfEveryKind() throws Exception {
        for (var policy : KINDS.entrySet()) {
            Path past = changed(policy.getKey());
            for (Kind kind : policy.getValue()) {
                kind.settings().forEach((key, value) -> spark().conf().set(key, value));
                try {
                    assertReadAlike(kind, checkpointed(past, kind));
                } finally {
                    kind.settings().keySet().forEach(spark().conf()::unset);
                }
            }
        }
    }

    /** A copy of a table, with checkpoints at its fifth and tenth version. */
    private static Path checkpointed(Path past, Kind kind) throws IOException {
        Path table = ForeignStatisticsTest.copy(past);
        ForeignStatisticsTest.rewrite(table, kind.change());
        DeltaLog log = DeltaLog.forTable(spark(), table.toString());
        for (long version : List.of(5L, 10L)) {
            log.checkpoint(log.getSnapshotAt(version, Option.empty(), Option.empty(), false), Option.empty());
        }
        return table;
    }

    private static void assertReadAlike(Kind kind, Path table) throws IOException {
        long checkpoint = newest(table, kind.files());
        assertEquals(kind.name(), 10, checkpoint);
        for (long version : List.of(2L, 4L, 5L, 8L)) {
            assertVersionAlike(kind.name(), table, version);
        }
        forgetCommits(table, checkpoint);
        for (long version : List.of(10L, 12L)) {
            assertVersionAlike(kind.name() + ", cleaned up", table, version);
        }
        for (String filter : List.of("id = 5", "p = 'p1' AND id < 30", "z IS NULL")) {
            Rows.assertSame(kind.name() + " " + filter, delta(table).where(filter), sluice(table).where(filter));
        }
        assertEquals(kind.name(), delta(table).count(), sluice(table).count());
    }

    /** Each statement a version, with changes of the schema between. */
    private static Path changed(String policy) {
        Path table = freshPath("golden");
        String t = "delta.`" + table + "`";
        for (String statement : List.of(
                "CREATE TABLE " + t + " (id BIGINT, s STRING, old INT, n SMALLINT, p STRING) USING delta PARTITIONED BY (p) TBLPROPERTIES ("
                        + "'delta.checkpointPolicy' = '" + policy + "', 'delta.checkpointInterval' = '100', 'delta.enableDeletionVectors' = 'true'"
                        + ", 'delta.checkpoint.writeStatsAsJson' = 'true'"
                        + ", 'delta.columnMapping.mode' = 'name', 'delta.enableTypeWidening' = 'true')",
                "INSERT INTO " + t + " SELECT id, concat('s', id), 1, id, concat('p', id % 3) FROM range(0, 60, 1, 2)",
                "DELETE FROM " + t + " WHERE id % 7 = 2",
                "ALTER TABLE " + t + " RENAME COLUMN s TO z",
                "UPDATE " + t + " SET z = 'updated' WHERE id % 5 = 0",
                "ALTER TABLE " + t + " DROP COLUMN old",
                "INSERT INTO " + t + " SELECT id, concat('s', id), id, IF(id % 2 = 0, NULL, 'ü/%') FROM range(60, 100, 1, 2)",
                "ALTER TABLE " + t + " ALTER COLUMN n TYPE INT",
                "MERGE INTO " + t + " t USING (SELECT id * 4 AS id FROM range(40)) u ON t.id = u.id WHEN MATCHED AND t.id % 3 = 0 THEN DELETE"
                        + " WHEN MATCHED THEN UPDATE SET z = 'merged', n = 70000 WHEN NOT MATCHED THEN INSERT (id, z, n, p) VALUES (u.id, NULL, 100000, 'new')",
                "ALTER TABLE " + t + " ADD COLUMN added DOUBLE",
                "INSERT INTO " + t + " VALUES (1000, 'late', 1, 'p1', 2.5)",
                "DELETE FROM " + t + " WHERE p = 'p2'",
                "OPTIMIZE " + t)) {
            sql(statement);
        }
        return table;
    }

    private static void assertVersionAlike(String what, Path table, long version) {
        Rows.assertSame(what + ", version " + version, spark().read().format("delta").option("versionAsOf", version).load(table.toString()),
                spark().read().format("sluice").option("versionAsOf", version).load(table.toString()));
    }

    /** The newest version with a checkpoint whose files are named so. */
    private static long newest(Path table, String pattern) throws IOException {
        try (var files = Files.list(table.resolve("_delta_log"))) {
            return files.map(file -> file.getFileName().toString()).filter(name -> name.matches(pattern)).mapToLong(name -> Long.parseLong(name.substring(0, 20)))
                    .max().orElse(-1);
        }
    }

    /** As log clean-up does: commits before the checkpoint are gone, checksums too. */
    private static void forgetCommits(Path table, long checkpoint) throws IOException {
        for (long version = 0; version < checkpoint; version++) {
            for (String suffix : List.of(".json", ".crc")) {
                Files.deleteIfExists(table.resolve("_delta_log").resolve("%020d%s".formatted(version, suffix)));
                Files.deleteIfExists(table.resolve("_delta_log").resolve(".%020d%s.crc".formatted(version, suffix)));
            }
        }
        DeltaLog.clearCache();
    }
}
