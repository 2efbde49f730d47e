package io.sluice.spark.concurrency;

import static io.sluice.spark.SparkFixture.byPath;
import static io.sluice.spark.SparkFixture.freshPath;
import static io.sluice.spark.SparkFixture.history;
import static io.sluice.spark.SparkFixture.spark;
import static io.sluice.spark.SparkFixture.sql;
import static io.sluice.spark.SparkFixture.versions;
import static org.apache.spark.sql.functions.expr;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNotEquals;

import io.sluice.spark.ConflictException;
import io.sluice.spark.faults.Failures;
import io.sluice.spark.faults.Midway;
import io.sluice.spark.faults.QuietLog;
import io.sluice.spark.faults.TableFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.ClassRule;
import org.junit.Test;
import org.junit.function.ThrowingRunnable;

/** Appends of statements that read the table they write to: what they have read must still be so when they commit. */
public class SelfReadConflictTest {
    @ClassRule
    public static final QuietLog QUIET = new QuietLog();

    /** Ids 0 to 59 in partition 1, -1 in partition 2. */
    private static Path table(String... properties) {
        Path table = freshPath("self");
        sql("CREATE TABLE " + byPath(table) + " (id BIGINT, p INT) PARTITIONED BY (p)");
        sql("INSERT INTO " + byPath(table) + " SELECT id, 1 FROM range(60)");
        sql("INSERT INTO " + byPath(table) + " VALUES (-1, 2)");
        for (String property : properties) {
            sql("ALTER TABLE delta.`" + table + "` SET TBLPROPERTIES (" + property + ")");
        }
        return table;
    }

    /** Adds those of the ids 0 to 99 that are not in the table, in the middle of which somebody else says something. */
    private static void addMissing(Path table, String condition, String statement) throws Exception {
        Dataset<Row> known = spark().table(byPath(table)).where(condition).select("id");
        Dataset<Row> rows = spark().range(0, 100, 1, 1).select(Midway.at(80, task -> sql(statement.formatted(byPath(table), "delta.`" + table + "`")))).distinct();
        rows.join(known, rows.col("id").equalTo(known.col("id")), "left_anti").select(rows.col("id"), expr("1 AS p"))
                .writeTo(byPath(table)).option("sluice.batchRows", "10").append();
    }

    private static void assertGivesWay(String errorClass, String statement, String... properties) {
        Path table = table(properties);
        Failures.assertFails(ConflictException.class, errorClass, () -> addMissing(table, "true", statement));
    }

    private static void assertPasses(String condition, int rows, String statement) throws Exception {
        Path table = table();
        addMissing(table, condition, statement);
        assertEquals(statement, rows, TableFiles.ids(table).size());
        Row last = history(table).get(versions(table) - 1);
        assertNotEquals(true, last.getAs("isBlindAppend"));
        assertEquals("WriteSerializable", last.getAs("isolationLevel"));
    }

    @Test
    public void whatWasReadIsNotChanged() {
        assertGivesWay("DELTA_CONCURRENT_DELETE_READ", "DELETE FROM %2$s WHERE id = 7");
        assertGivesWay("DELTA_CONCURRENT_DELETE_READ", "DELETE FROM %1$s WHERE p = 1");
        assertGivesWay("DELTA_CONCURRENT_APPEND", "INSERT INTO %1$s SELECT id + 60, p FROM %1$s WHERE id >= 0");
        assertGivesWay("DELTA_CONCURRENT_APPEND", "INSERT INTO %1$s VALUES (1000, 1)", "'delta.isolationLevel' = 'Serializable'");
    }

    @Test
    public void blindAppendsAndOtherPartitionsDoNotMatter() throws Exception {
        assertPasses("true", 102, "INSERT INTO %1$s VALUES (1000, 1)");
        assertPasses("p = 1", 100, "DELETE FROM %1$s WHERE p = 2");
        assertPasses("p = 1", 102, "INSERT INTO %1$s SELECT id - 1, p FROM %1$s WHERE p = 2");
    }

    @Test
    public void twoThatAddWhatIsMissingDoNotBothAddIt() throws Exception {
        Path table = table();
        Failures.assertFails(ConflictException.class, "DELTA_CONCURRENT_APPEND", () -> addMissing(table, "true",
                "INSERT INTO %1$s SELECT id, 1 FROM range(100) WHERE id NOT IN (SELECT id FROM %1$s)"));
        assertEquals(101, TableFiles.ids(table).size());
    }

    /** With adaptive execution most of a query runs before the write begins, which has been planned long ago. */
    @Test
    public void columnsAreStillWhatTheRowsAreLaidOutFor() throws Throwable {
        for (var change : Map.of("ALTER COLUMN amount TYPE DECIMAL(7,4)", false, "ADD COLUMN more INT", true).entrySet()) {
            Path table = freshPath("typed");
            sql("CREATE TABLE " + byPath(table) + " (id BIGINT, amount DECIMAL(5,2)) TBLPROPERTIES ('delta.enableTypeWidening' = 'true')");
            ThrowingRunnable append = () -> spark().range(0, 100, 1, 1)
                    .select(Midway.at(50, task -> sql("ALTER TABLE " + byPath(table) + " " + change.getKey())))
                    .repartition(2).selectExpr("id", "CAST(1.25 AS DECIMAL(5,2)) AS amount").writeTo(byPath(table)).append();
            if (change.getValue()) {
                append.run();
                assertEquals(100, spark().table(byPath(table)).where("amount = 1.25 AND more IS NULL").count());
            } else {
                Failures.assertFails(ConflictException.class, "DELTA_METADATA_CHANGED", append);
                assertEquals(0, spark().table(byPath(table)).count());
            }
        }
    }

    /** Which reads the table for each part of it, and writes it as often. */
    @Test
    public void aMultiInsertDoesNotStandInItsOwnWay() {
        Path table = table();
        String t = byPath(table);
        sql("FROM " + t + " INSERT INTO " + t + " SELECT id + 1000, p INSERT INTO " + t + " SELECT id + 2000, p");
        assertEquals(3 * 61, TableFiles.ids(table).size());
    }

    /** Of the rows that are replaced nothing is read, but of others. */
    @Test
    public void anOverwriteHasReadMoreThanItReplaces() {
        Path table = table();
        Failures.assertFails(ConflictException.class, "DELTA_CONCURRENT_DELETE_READ", () -> {
            Dataset<Row> known = spark().table(byPath(table)).where("p = 1").select("id");
            Dataset<Row> rows = spark().range(0, 100, 1, 1).select(Midway.at(80, task -> sql("DELETE FROM delta.`" + table + "` WHERE id = 7")));
            rows.join(known, "id").select(rows.col("id"), expr("2 AS p")).writeTo(byPath(table)).overwrite(expr("p = 2"));
        });
    }

    @Test
    public void plainAppendsStayBlind() {
        Path table = table();
        sql("INSERT INTO " + byPath(table) + " SELECT id, 1 FROM range(5)");
        sql("INSERT INTO " + byPath(table) + " SELECT id, p FROM " + byPath(table) + " VERSION AS OF 1");
        sql("INSERT INTO " + byPath(table) + " SELECT max(id), 3 FROM " + byPath(table));
        List<Boolean> blind = history(table).stream().map(row -> Boolean.TRUE.equals(row.getAs("isBlindAppend"))).toList();
        assertEquals(List.of(true, true, true, true, false), blind.subList(blind.size() - 5, blind.size()));
    }
}
