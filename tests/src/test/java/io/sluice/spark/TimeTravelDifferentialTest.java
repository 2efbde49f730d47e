package io.sluice.spark;

import static io.sluice.spark.Failures.assertFails;
import static io.sluice.spark.SparkFixture.byPath;
import static io.sluice.spark.SparkFixture.freshPath;
import static io.sluice.spark.SparkFixture.spark;
import static io.sluice.spark.SparkFixture.sql;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.delta.DeltaLog;
import org.junit.BeforeClass;
import org.junit.Test;

/** Whatever version is asked for, in whatever way: the rows are delta-spark's, or the error has its class. */
public class TimeTravelDifferentialTest {
    private static final Instant FIRST = Instant.now().truncatedTo(ChronoUnit.HOURS).minus(Duration.ofDays(3));
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSSSSS").withZone(ZoneOffset.UTC);

    private static Path table;

    @BeforeClass
    public static void createTable() throws Exception {
        table = create("");
    }

    /** One commit an hour, the schema of which changes on the way; ends with version 14. */
    private static Path create(String properties) throws Exception {
        Path travelled = freshPath("travelled");
        String name = "delta.`" + travelled + "`";
        sql("CREATE TABLE " + name + " (id BIGINT, s STRING) USING delta TBLPROPERTIES ('delta.columnMapping.mode' = 'name', 'delta.checkpointInterval' = '5'" + properties + ")");
        sql("INSERT INTO " + name + " VALUES (1, 'a')");
        sql("ALTER TABLE " + name + " RENAME COLUMN s TO t");
        sql("INSERT INTO " + name + " VALUES (2, 'b')");
        sql("ALTER TABLE " + name + " ADD COLUMN s INT");
        sql("INSERT INTO " + name + " VALUES (3, 'c', 3)");
        sql("ALTER TABLE " + name + " DROP COLUMN t");
        for (int id = 4; id < 12; id++) {
            sql("INSERT INTO " + name + " VALUES (" + id + ", " + id + ")");
        }
        for (int version = 0; version <= 14; version++) {
            Files.setLastModifiedTime(commit(travelled, version), FileTime.from(FIRST.plus(Duration.ofHours(version))));
        }
        DeltaLog.clearCache();
        return travelled;
    }

    private static Path commit(Path table, int version) {
        return table.resolve("_delta_log").resolve("%020d.json".formatted(version));
    }

    private static String outcome(Supplier<Dataset<Row>> query) {
        try {
            Dataset<Row> rows = query.get();
            return rows.schema().toDDL() + "\n" + String.join("\n", Rows.of(rows));
        } catch (Exception e) {
            return Twins.errorClass(e);
        }
    }

    private static void assertAlike(Path table, String at) {
        assertEquals(at, outcome(() -> sql("SELECT * FROM delta.`" + table + "` " + at)), outcome(() -> sql("SELECT * FROM " + byPath(table) + " " + at)));
    }

    private static void assertAlike(Path table, Map<String, String> options, String suffix) {
        assertEquals(options + suffix, outcome(() -> spark().read().format("delta").options(options).load(table + suffix)),
                outcome(() -> spark().read().format("sluice").options(options).load(table + suffix)));
    }

    private static List<String> times() {
        List<String> times = new ArrayList<>(List.of("2001-01-01", "2999-12-31"));
        for (int hours : List.of(0, 3, 10, 14)) {
            Instant commit = FIRST.plus(Duration.ofHours(hours));
            for (Instant time : List.of(commit, commit.minus(1, ChronoUnit.MICROS), commit.plus(1, ChronoUnit.MICROS))) {
                times.add(TIME.format(time));
            }
        }
        return times;
    }

    private static void assertTimesAlike(Path table) {
        times().forEach(time -> assertAlike(table, "TIMESTAMP AS OF '" + time + "'"));
    }

    @Test
    public void versionsOfEveryKind() {
        for (String version : List.of("0", "1", "2", "3", "4", "5", "6", "14", "15", "'3'", "999999999999")) {
            assertAlike(table, "VERSION AS OF " + version);
            assertAlike(table, Map.of("versionAsOf", version.replace("'", "")), "");
        }
        assertTimesAlike(table);
        assertFails("DELTA_TIMESTAMP_GREATER_THAN_COMMIT", () -> sql("SELECT * FROM " + byPath(table) + " TIMESTAMP AS OF current_timestamp()"));
        assertAlike(table, "FOR SYSTEM_TIME AS OF '" + TIME.format(FIRST) + "'");
    }

    @Test
    public void versionsInThePath() {
        String time = DateTimeFormatter.ofPattern("uuuuMMddHHmmssSSS").withZone(ZoneOffset.UTC).format(FIRST.plus(Duration.ofHours(3)));
        for (String suffix : List.of("@v0", "@v3", "@V5", "@v14", "@v15", "@" + time)) {
            assertAlike(table, Map.of(), suffix);
        }
        assertAlike(table, Map.of("versionAsOf", "1"), "@v3");
        assertAlike(table, Map.of("timestampAsOf", TIME.format(FIRST)), "@v3");
        assertEquals(1, sql("SELECT * FROM lake.delta.`" + table + "@v2`").count());
        assertFails("SLUICE_PINNED_TABLE", () -> sql("INSERT INTO lake.delta.`" + table + "@v2` VALUES (1, 'x')"));
        assertFails("TABLE_OR_VIEW_NOT_FOUND", () -> sql("SELECT * FROM lake.delta.`" + freshPath("nowhere") + "@v2`"));
        Path at = freshPath("named").resolveSibling("named@v1");
        sql("CREATE TABLE lake.delta.`" + at + "` (id BIGINT)");
        assertEquals("a table of that name is itself", 0, ReadTest.sluice(at).count());
    }

    @Test
    public void wrongVersionsAreNamed() {
        String name = table.getFileName().toString();
        assertFails("DELTA_VERSION_NOT_FOUND.*version 15.*" + name + ".*0 to 14", () -> sql("SELECT * FROM " + byPath(table) + " VERSION AS OF 15"));
        for (String version : List.of("-1", "x", "1.5", "")) {
            assertFails("DELTA_INVALID_VERSION.*" + name + ".*'" + version + "'",
                    () -> spark().read().format("sluice").option("versionAsOf", version).load(table.toString()).collect());
        }
        assertFails("DELTA_TIMESTAMP_EARLIER.*" + name + ".*version 0 ", () -> sql("SELECT * FROM " + byPath(table) + " TIMESTAMP AS OF '2001-01-01'"));
        assertFails("DELTA_TIMESTAMP_GREATER.*" + name + ".*version 14 ", () -> sql("SELECT * FROM " + byPath(table) + " TIMESTAMP AS OF '2999-01-01'"));
        assertFails("INVALID_TIME_TRAVEL_SPEC", () -> spark().read().format("sluice").option("versionAsOf", 1).option("timestampAsOf", TIME.format(FIRST)).load(table.toString()));
        assertFails("INVALID_TIME_TRAVEL_TIMESTAMP_EXPR", () -> spark().read().format("sluice").option("timestampAsOf", "yesterday").load(table.toString()));
    }

    /** The log behind a checkpoint is deleted, as its cleanup does. */
    @Test
    public void logsCleanedUp() throws Exception {
        Path cleaned = ForeignStatisticsTest.copy(table);
        for (int version = 0; version < 10; version++) {
            Files.delete(commit(cleaned, version));
        }
        Files.delete(cleaned.resolve("_delta_log").resolve("%020d.checkpoint.parquet".formatted(5)));
        DeltaLog.clearCache();
        for (int version : List.of(0, 5, 9, 10, 11, 14, 15)) {
            assertAlike(cleaned, "VERSION AS OF " + version);
        }
        assertTimesAlike(cleaned);
        assertFails("DELTA_VERSION_NOT_FOUND.*version 9.*10 to 14", () -> sql("SELECT * FROM " + byPath(cleaned) + " VERSION AS OF 9"));
        assertFails("DELTA_TIMESTAMP_EARLIER.*version 10 ", () -> sql("SELECT * FROM " + byPath(cleaned) + " TIMESTAMP AS OF '2001-01-01'"));
        assertTrue(ReadTest.sluice(cleaned).count() > 0);
    }

    /** Times are those in the commits, from the version on that turned them on. */
    @Test
    public void inCommitTimestamps() throws Exception {
        Path table = create(", 'delta.enableInCommitTimestamps' = 'true'");
        Path later = create("");
        sql("ALTER TABLE delta.`" + later + "` SET TBLPROPERTIES ('delta.enableInCommitTimestamps' = 'true')");
        sql("INSERT INTO delta.`" + later + "` VALUES (100, 100)");
        for (Path kept : List.of(table, later)) {
            for (Row commit : SparkFixture.history(kept)) {
                Instant time = (Instant) commit.getAs("timestamp");
                for (long millis : List.of(0L, -1L)) {
                    assertAlike(kept, "TIMESTAMP AS OF '" + TIME.format(time.plusMillis(millis)) + "'");
                }
            }
        }
    }
}
