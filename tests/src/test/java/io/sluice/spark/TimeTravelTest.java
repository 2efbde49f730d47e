package io.sluice.spark;

import static io.sluice.spark.Failures.assertFails;
import static io.sluice.spark.Failures.assertRefused;
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
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.delta.DeltaLog;
import org.junit.BeforeClass;
import org.junit.Test;

/** Older versions by number and by time, as delta-spark finds them. */
public class TimeTravelTest {
    /** delta-spark does not go back further than a week. */
    private static final Instant FIRST = Instant.now().truncatedTo(ChronoUnit.HOURS).minus(Duration.ofDays(5));
    private static Path table;

    /** Version v holds the ids below 10 v; it was committed v days after the first. */
    @BeforeClass
    public static void prepare() throws Exception {
        table = freshPath("travel");
        sql("CREATE TABLE delta.`" + table + "` (id BIGINT) USING delta");
        for (int version = 1; version < 4; version++) {
            sql("INSERT INTO delta.`" + table + "` SELECT id FROM range(" + (version - 1) * 10 + ", " + version * 10 + ")");
        }
        for (int version = 0; version < 4; version++) {
            Path commit = table.resolve("_delta_log").resolve("%020d.json".formatted(version));
            Files.setLastModifiedTime(commit, FileTime.from(FIRST.plus(Duration.ofDays(version))));
        }
        DeltaLog.clearCache();
    }

    private static long count(String at) {
        return sql("SELECT * FROM " + byPath(table) + " " + at).count();
    }

    @Test
    public void versions() {
        for (int version = 0; version < 4; version++) {
            assertEquals(10L * version, count("VERSION AS OF " + version));
            assertEquals(10L * version, spark().read().format("sluice").option("versionAsOf", version).load(table.toString()).count());
            assertEquals(10L * version, spark().read().option("versionAsOf", version).table(byPath(table)).count());
        }
        assertRefused("DELTA_VERSION_NOT_FOUND", () -> count("VERSION AS OF 4"));
        assertRefused("DELTA_INVALID_VERSION", () -> count("VERSION AS OF 'first'"));
    }

    @Test
    public void timestamps() {
        for (long minutes : List.of(0L, 1L, 1439L, 1440L, 3000L, 3 * 1440L)) {
            String time = time(minutes);
            long expected = spark().read().format("delta").option("timestampAsOf", time).load(table.toString()).count();
            assertEquals(time, minutes / 1440 * 10, expected);
            assertEquals(time, expected, count("TIMESTAMP AS OF '" + time + "'"));
            assertEquals(time, expected, spark().read().format("sluice").option("timestampAsOf", time).load(table.toString()).count());
        }
        assertRefused("DELTA_TIMESTAMP_GREATER_THAN_COMMIT", () -> count("TIMESTAMP AS OF '" + time(3 * 1440 + 1) + "'"));
        assertRefused("DELTA_TIMESTAMP_EARLIER_THAN_COMMIT_RETENTION", () -> count("TIMESTAMP AS OF '" + time(-1) + "'"));
    }

    /** Minutes after the first commit. */
    private static String time(long minutes) {
        return FIRST.plus(Duration.ofMinutes(minutes)).toString().replace('T', ' ').replace("Z", "");
    }

    @Test
    public void inCommitTimestamps() {
        Path kept = freshPath("kept");
        sql("CREATE TABLE delta.`" + kept + "` (id BIGINT) USING delta TBLPROPERTIES ('delta.enableInCommitTimestamps' = 'true')");
        sql("INSERT INTO delta.`" + kept + "` VALUES (1)");
        sql("INSERT INTO delta.`" + kept + "` VALUES (2)");
        for (Row commit : SparkFixture.history(kept)) {
            String time = commit.getAs("timestamp").toString().replace('T', ' ').replace("Z", "");
            long version = commit.getAs("version");
            assertEquals(time, version, spark().read().format("sluice").option("timestampAsOf", time).load(kept.toString()).count());
        }
    }

    @Test
    public void versionsHaveTheirOwnSchema() {
        Path grown = freshPath("grown");
        sql("CREATE TABLE delta.`" + grown + "` (id BIGINT) USING delta");
        sql("INSERT INTO delta.`" + grown + "` VALUES (1)");
        sql("ALTER TABLE delta.`" + grown + "` ADD COLUMN s STRING");
        sql("INSERT INTO delta.`" + grown + "` VALUES (2, 'x')");
        assertEquals("id", String.join(",", sql("SELECT * FROM " + byPath(grown) + " VERSION AS OF 1").columns()));
        Dataset<Row> joined = sql("SELECT a.id, b.s FROM " + byPath(grown) + " VERSION AS OF 1 a RIGHT JOIN " + byPath(grown) + " b USING (id)");
        assertEquals(2, joined.count());
        assertEquals(1, joined.where("a.id IS NOT NULL").count());
    }

    @Test
    public void olderVersionsAreNotWritten() throws Exception {
        var catalog = new SluiceCatalog();
        catalog.initialize("travel", new org.apache.spark.sql.util.CaseInsensitiveStringMap(java.util.Map.of()));
        var ident = org.apache.spark.sql.connector.catalog.Identifier.of(new String[] {"delta"}, table.toString());
        var pinned = (org.apache.spark.sql.connector.catalog.SupportsWrite) catalog.loadTable(ident, "1");
        assertRefused("SLUICE_PINNED_TABLE", () -> pinned.newWriteBuilder(null));
        assertTrue(pinned.name(), pinned.name().contains(table.toString()));
        assertFails("TABLE_OR_VIEW_NOT_FOUND", () -> sql("SELECT * FROM lake.delta.`/no/such/table` VERSION AS OF 1"));
    }
}
