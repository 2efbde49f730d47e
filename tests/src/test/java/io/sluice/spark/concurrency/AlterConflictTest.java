package io.sluice.spark.concurrency;

import static io.sluice.spark.SparkFixture.byPath;
import static io.sluice.spark.SparkFixture.delta;
import static io.sluice.spark.SparkFixture.freshPath;
import static io.sluice.spark.SparkFixture.history;
import static io.sluice.spark.SparkFixture.sql;
import static io.sluice.spark.SparkFixture.versions;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import io.sluice.spark.ConflictException;
import io.sluice.spark.faults.Failures;
import io.sluice.spark.faults.QuietLog;
import io.sluice.spark.faults.TableFiles;
import io.sluice.spark.faults.Winner;
import io.sluice.spark.jni.NativeControl;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.apache.spark.sql.Row;
import org.junit.After;
import org.junit.ClassRule;
import org.junit.Test;

/** What happens to ALTER and REPLACE TABLE when somebody else commits first. */
public class AlterConflictTest {
    @ClassRule
    public static final QuietLog QUIET = new QuietLog();

    private static final String APPEND = "INSERT INTO %s VALUES (2)";
    private static final List<String> CHANGES = List.of(
            "ALTER TABLE %s SET TBLPROPERTIES ('k' = 'v')",
            "ALTER TABLE %s ADD COLUMN more INT",
            "ALTER TABLE %s CLUSTER BY (id)",
            "ALTER TABLE %s SET TBLPROPERTIES ('delta.columnMapping.mode' = 'name')");

    @After
    public void switchOff() {
        NativeControl.testSwitch("loseRace", "0");
    }

    @Test
    public void changesFollowRowsOfOthers() throws Exception {
        for (String change : CHANGES) {
            Path table = table();
            Winner.lands(table, APPEND);
            sql(change.formatted(byPath(table)));
            assertEquals(change, List.of("CREATE TABLE", "WRITE", "WRITE"), operations(table).subList(0, 3));
            assertEquals(change, 4, versions(table));
            assertEquals(change, List.of(1L, 2L), TableFiles.ids(table));
        }
    }

    @Test
    public void changesGiveWayToOtherChanges() throws Exception {
        for (Map.Entry<String, String> winner : Map.of(
                "ALTER TABLE %s ADD COLUMN theirs INT", "DELTA_METADATA_CHANGED",
                "ALTER TABLE %s SET TBLPROPERTIES ('delta.enableChangeDataFeed' = 'true')", "DELTA_PROTOCOL_CHANGED").entrySet()) {
            assertGivesWay(winner.getKey(), winner.getValue(), "ALTER TABLE %s ADD COLUMN more INT");
        }
    }

    @Test
    public void replacementsGiveWayToRowsTheyWouldHide() throws Exception {
        for (String replacement : List.of("REPLACE TABLE %s (other INT)", "CREATE OR REPLACE TABLE %s AS SELECT 1 AS other")) {
            assertGivesWay(APPEND, "DELTA_CONCURRENT_APPEND", replacement);
        }
    }

    private static void assertGivesWay(String winner, String errorClass, String statement) throws Exception {
        Path table = table();
        Winner.lands(table, winner);
        int files = TableFiles.data(table).size();
        Failures.assertFails(statement, ConflictException.class, errorClass, () -> sql(statement.formatted(byPath(table))));
        assertEquals(statement, 3, versions(table));
        assertEquals("files of either writer: " + statement, files, TableFiles.data(table).size());
        sql(statement.formatted(byPath(table)));
        assertEquals("run again: " + statement, 4, versions(table));
    }

    @Test
    public void rowIdsAreGivenToRowsThatCameFirst() throws Exception {
        Path table = table();
        Winner.lands(table, APPEND);
        sql("ALTER TABLE " + byPath(table) + " SET TBLPROPERTIES ('delta.enableRowTracking' = 'true')");
        List<Row> rows = delta(table).selectExpr("id", "_metadata.row_id").collectAsList();
        assertEquals(2, rows.stream().map(row -> row.getLong(1)).distinct().count());
        assertEquals(List.of(1L, 2L), TableFiles.ids(table));
    }

    @Test
    public void aTableChangedByManyWhileManyAppend() throws Exception {
        Path table = table();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        List<Future<Integer>> changes = new ArrayList<>();
        for (int thread = 0; thread < 2; thread++) {
            int own = thread;
            changes.add(threads.submit(() -> alter(table, own)));
        }
        Future<Integer> ours = threads.submit(append(byPath(table), 100));
        Future<Integer> theirs = threads.submit(append("delta.`" + table + "`", 200));
        int altered = changes.get(0).get() + changes.get(1).get();
        int appended = ours.get() + theirs.get();
        threads.shutdown();
        assertTrue("some of it must come to pass", altered > 0 && appended > 0);
        assertEquals(2 + altered + appended, versions(table));
        assertEquals(1 + appended, delta(table).count());
        Row detail = sql("DESCRIBE DETAIL delta.`" + table + "`").first();
        assertEquals("no change is lost", altered, detail.getJavaMap(detail.fieldIndex("properties")).size());
    }

    /** The number of properties set; each has a name of its own. */
    private static int alter(Path table, int thread) {
        return (int) LongStream.range(0, 8).filter(i -> succeeds(
                "ALTER TABLE " + byPath(table) + " SET TBLPROPERTIES ('p" + thread + "." + i + "' = 'x')")).count();
    }

    private static Callable<Integer> append(String table, long first) {
        return () -> (int) LongStream.range(first, first + 5).filter(id -> succeeds("INSERT INTO " + table + " VALUES (" + id + ")")).count();
    }

    private static boolean succeeds(String statement) {
        try {
            sql(statement);
            return true;
        } catch (Exception e) {
            boolean conflict = e instanceof io.delta.exceptions.DeltaConcurrentModificationException
                    || Failures.find(ConflictException.class, e) != null;
            assertTrue(conflict);
            return false;
        }
    }

    private static List<String> operations(Path table) {
        return history(table).stream().map(row -> row.<String>getAs("operation")).toList();
    }

    private static Path table() {
        Path table = freshPath("race");
        sql("CREATE TABLE delta.`" + table + "` (id BIGINT) USING delta");
        sql("INSERT INTO delta.`" + table + "` VALUES (1)");
        return table;
    }
}
