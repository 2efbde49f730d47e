package io.sluice.spark.faults;

import static io.sluice.spark.SparkFixture.byPath;
import static io.sluice.spark.SparkFixture.delta;
import static io.sluice.spark.SparkFixture.freshPath;
import static io.sluice.spark.SparkFixture.sql;
import static io.sluice.spark.SparkFixture.versions;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import io.sluice.spark.CommitUnknownException;
import io.sluice.spark.jni.NativeControl;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.After;
import org.junit.ClassRule;
import org.junit.Test;

/** What becomes of a statement that changes, replaces or creates a table when the answer to its commit is lost. */
public class StatementOutcomeTest {
    @ClassRule
    public static final QuietLog QUIET = new QuietLog();

    /** SIGABRT, as a shell reports it. */
    private static final int ABORTED = 128 + 6;

    /** On a table of one row, {@code %s}; and the columns that the table then has. */
    private static final Map<String, String> CHANGES = Map.of(
            "ALTER TABLE %s ADD COLUMN more INT", "id,more",
            "ALTER TABLE %s SET TBLPROPERTIES ('delta.enableRowTracking' = 'true')", "id",
            "REPLACE TABLE %s (other INT)", "other",
            "CREATE OR REPLACE TABLE %s AS SELECT 7L AS seven", "seven");
    private static final Map<String, String> CREATIONS = Map.of(
            "CREATE TABLE %s (id BIGINT)", "id",
            "CREATE TABLE %s AS SELECT 7L AS seven", "seven");

    @After
    public void switchOff() {
        NativeControl.testSwitch("loseAnswer", "0");
        NativeControl.testSwitch("noAnswer", "0");
    }

    @Test
    public void aLostAnswerIsAskedForAgain() {
        CHANGES.forEach((statement, columns) -> assertDone(table(), statement, columns, 3));
        CREATIONS.forEach((statement, columns) -> assertDone(freshPath("outcome"), statement, columns, 1));
    }

    private static void assertDone(Path table, String statement, String columns, int versions) {
        NativeControl.testSwitch("loseAnswer", "2");
        sql(statement.formatted(byPath(table)));
        assertEquals(statement, columns, String.join(",", delta(table).columns()));
        assertEquals(statement, versions, versions(table));
    }

    @Test
    public void anUnknownOutcomeIsSaidSoAndNothingIsDeleted() {
        CHANGES.forEach((statement, columns) -> assertUnknown(table(), statement, columns));
        CREATIONS.forEach((statement, columns) -> assertUnknown(freshPath("outcome"), statement, columns));
    }

    private static void assertUnknown(Path table, String statement, String columns) {
        long files = Files.exists(table) ? TableFiles.data(table).size() : 0;
        NativeControl.testSwitch("noAnswer", "1");
        Failures.assertFails(statement, CommitUnknownException.class, "SLUICE_COMMIT_OUTCOME_UNKNOWN",
                () -> sql(statement.formatted(byPath(table))));
        assertEquals("it had landed: " + statement, columns, String.join(",", delta(table).columns()));
        assertTrue("files are kept: " + statement, TableFiles.data(table).size() >= files);
        assertEquals(statement, delta(table).count(), sql("SELECT * FROM " + byPath(table)).count());
    }

    @Test
    public void aDriverThatDiesLeavesTheTableBeforeOrAfter() throws Exception {
        assertDies("dieAfterCommit", "ALTER TABLE %s ADD COLUMN more INT", "id,more");
        assertDies("dieBeforeCommit", "CREATE OR REPLACE TABLE %s AS SELECT 7L AS seven", "id");
        assertDies("dieAfterCommit", "CREATE OR REPLACE TABLE %s AS SELECT 7L AS seven", "seven");
    }

    private static void assertDies(String fault, String statement, String columns) throws Exception {
        Path table = table();
        try (ChildJvm driver = ChildJvm.start(
                ChildJvm.Options.NONE, DyingStatement.class, fault, statement.formatted(byPath(table)))) {
            driver.await(ABORTED);
        }
        assertEquals(fault + statement, columns, String.join(",", delta(table).columns()));
        assertEquals(fault + statement, 1, delta(table).count());
        sql("CREATE OR REPLACE TABLE " + byPath(table) + " AS SELECT 8L AS again");
        assertEquals("[[8]]", delta(table).collectAsList().toString());
    }

    private static Path table() {
        Path table = freshPath("outcome");
        sql("CREATE TABLE " + byPath(table) + " (id BIGINT)");
        sql("INSERT INTO " + byPath(table) + " VALUES (1)");
        return table;
    }
}
