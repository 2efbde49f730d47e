package io.sluice.spark.rows;

import static io.sluice.spark.SparkFixture.byPath;
import static io.sluice.spark.SparkFixture.delta;
import static io.sluice.spark.SparkFixture.freshPath;
import static io.sluice.spark.SparkFixture.sql;
import static io.sluice.spark.SparkFixture.versions;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import io.sluice.spark.ConflictException;
import io.sluice.spark.faults.Failures;
import io.sluice.spark.faults.Midway;
import io.sluice.spark.faults.QuietLog;
import io.sluice.spark.faults.TableFiles;
import io.sluice.spark.faults.Winner;
import io.sluice.spark.jni.NativeControl;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;
import org.apache.spark.sql.Row;
import org.junit.After;
import org.junit.ClassRule;
import org.junit.Test;

/** Statements that change rows of one table at the same time: those that do not see each other's rows both commit. */
public class RowConcurrencyTest {
    @ClassRule
    public static final QuietLog QUIET = new QuietLog();

    private static final int ROWS = 40;
    private static final String VECTORS = "'delta.enableDeletionVectors' = 'true'";
    private static final String SERIALIZABLE = "'delta.isolationLevel' = 'Serializable'";
    private static final String READ = "DELTA_CONCURRENT_DELETE_READ";
    private static final String APPEND = "DELTA_CONCURRENT_APPEND";

    /** Of row 3 alone; {@code $id} is where the other statement is run. */
    private static final String DELETE = "DELETE FROM $t WHERE id = 3 AND $id = 3";
    private static final String UPDATE = "UPDATE $t SET v = v + 100 WHERE id = 3 AND $id = 3";
    private static final String MERGE = "MERGE INTO $t t USING (SELECT $id AS key FROM range(3, 4)) s ON t.id = s.key AND t.id = 3 WHEN MATCHED THEN UPDATE SET v = v + 100";
    private static final String INSERTING = "MERGE INTO $t t USING (SELECT $id AS key FROM range(3, 5)) s ON t.id = s.key WHEN MATCHED AND s.key = 3"
            + " THEN UPDATE SET v = v + 100 WHEN NOT MATCHED THEN INSERT (id, v) VALUES (s.key, 0)";
    private static final List<String> OF_ONE_ROW = List.of(DELETE, UPDATE, MERGE);

    @After
    public void switchOff() {
        NativeControl.testSwitch("loseRace", "0");
    }

    /** Ids 0 to 39 with v = 0 in one file. */
    private static Path table(String... properties) {
        Path table = freshPath("rows");
        sql("CREATE TABLE delta.`" + table + "` (id BIGINT, v INT) USING delta"
                + (properties.length == 0 ? "" : " TBLPROPERTIES (" + String.join(", ", properties) + ")"));
        sql("INSERT INTO delta.`" + table + "` SELECT id, 0 FROM range(0, " + ROWS + ", 1, 1)");
        return table;
    }

    /** Runs it, and in the middle of it another one, which commits: by delta-spark at {@code $d}, by us at {@code $t}. */
    private static void change(Path table, String statement, String meanwhile, Runnable then) {
        String id = Midway.sqlAt(3, task -> {
            sql(named(meanwhile, table));
            then.run();
        });
        sql(named(statement, table).replace("$id", id));
    }

    private static String named(String statement, Path table) {
        return statement.replace("$t", byPath(table)).replace("$d", "delta.`" + table + "`");
    }

    /** @param rows the ids and values that are then not as they were, deleted ones without a value */
    private static void assertPasses(String statement, String meanwhile, Map<Long, Optional<Integer>> rows, String... properties) {
        String what = statement + " and " + meanwhile;
        Path table = table(properties);
        change(table, statement, meanwhile, () -> {});
        assertEquals(what, 4, versions(table));
        assertEquals(what, model(rows), rows(table));
    }

    private static List<String> model(Map<Long, Optional<Integer>> changed) {
        Map<Long, Optional<Integer>> rows = new HashMap<>();
        LongStream.range(0, ROWS).forEach(id -> rows.put(id, Optional.of(0)));
        rows.putAll(changed);
        return rows.entrySet().stream().flatMap(row -> row.getValue().stream().map(v -> "[" + row.getKey() + "," + v + "]")).sorted().toList();
    }

    private static void assertGivesWay(String condition, String statement, String meanwhile, String... properties) {
        Path table = table(properties);
        AtomicReference<SortedMap<String, Integer>> won = new AtomicReference<>();
        Failures.assertFails(statement + " and " + meanwhile, ConflictException.class, condition,
                () -> change(table, statement, meanwhile, () -> won.set(TableFiles.state(table))));
        TableFiles.assertUnchanged(statement + " and " + meanwhile, won.get(), table);
    }

    private static List<String> rows(Path table) {
        return delta(table).collectAsList().stream().map(Row::toString).sorted().toList();
    }

    private static final Optional<Integer> GONE = Optional.empty();
    private static final Optional<Integer> UPDATED = Optional.of(100);

    @Test
    public void otherRowsOfTheSameFile() {
        assertPasses(DELETE, "DELETE FROM $t WHERE id = 5", Map.of(3L, GONE, 5L, GONE), VECTORS);
        assertPasses(DELETE, "UPDATE $t SET v = 7 WHERE id = 5", Map.of(3L, GONE, 5L, Optional.of(7)), VECTORS);
        assertPasses(DELETE, "MERGE INTO $t t USING (SELECT 8L AS id) s ON t.id = s.id WHEN MATCHED THEN UPDATE SET v = 1",
                Map.of(3L, GONE, 8L, Optional.of(1)), VECTORS);
        assertPasses(UPDATE, "DELETE FROM $d WHERE id IN (0, 39)", Map.of(3L, UPDATED, 0L, GONE, 39L, GONE), VECTORS);
        assertPasses(UPDATE, "UPDATE $d SET id = 100 WHERE id = 5", Map.of(3L, UPDATED, 5L, GONE, 100L, Optional.of(0)), VECTORS);
        assertPasses(MERGE, "UPDATE $t SET v = 7 WHERE id = 5", Map.of(3L, UPDATED, 5L, Optional.of(7)), VECTORS);
        assertPasses(INSERTING.replace("AND s.key = 3", ""), "DELETE FROM $t WHERE id = 5",
                Map.of(3L, UPDATED, 4L, UPDATED, 5L, GONE), VECTORS);
        assertGivesWay(READ, INSERTING, "DELETE FROM $t WHERE id = 5", VECTORS);
    }

    @Test
    public void otherRowsOfAFileThatIsWrittenAnew() {
        assertGivesWay(APPEND, DELETE, "DELETE FROM $t WHERE id = 5");
        assertGivesWay(APPEND, UPDATE, "UPDATE $d SET v = 1 WHERE id = 5");
        assertGivesWay(APPEND, MERGE, "DELETE FROM $t WHERE id <> 3 AND id < 1000 AND id > 3 OR id < 3");
    }

    @Test
    public void theSameRow() {
        assertGivesWay(READ, DELETE, "DELETE FROM $t WHERE id = 3", VECTORS);
        assertGivesWay(READ, UPDATE, "DELETE FROM $d WHERE id < 6", VECTORS);
        assertGivesWay(READ, MERGE, "DELETE FROM $t", VECTORS);
        assertGivesWay(READ, DELETE, "MERGE INTO $t t USING (SELECT 3L AS id) s ON t.id = s.id WHEN MATCHED THEN UPDATE SET id = 1000", VECTORS);
    }

    @Test
    public void rowsThatComeByAnUpdate() {
        for (String statement : List.of(DELETE, UPDATE, INSERTING)) {
            assertGivesWay(APPEND, statement, "UPDATE $t SET id = 3 WHERE id = 5", VECTORS);
        }
        assertGivesWay(APPEND, UPDATE, "UPDATE $d SET id = id - 5 WHERE id = 5 OR id = 20", VECTORS);
        assertGivesWay(APPEND, "UPDATE $t SET v = 1 WHERE v = 0 AND $id >= 0", "UPDATE $t SET v = -v WHERE id = 5", VECTORS);
    }

    @Test
    public void rowsThatAreAppended() {
        for (String statement : OF_ONE_ROW) {
            String append = "INSERT INTO " + (statement.equals(MERGE) ? "$d" : "$t") + " VALUES (3, 50), (99, 50)";
            Path table = table();
            change(table, statement, append, () -> {});
            assertEquals(statement + " and " + append, 2, delta(table).where("v = 50").count());
            assertGivesWay(APPEND, statement, append, SERIALIZABLE);
        }
        assertPasses(UPDATE, "INSERT INTO $t VALUES (99, 50)", Map.of(3L, UPDATED, 99L, Optional.of(50)), SERIALIZABLE);
    }

    @Test
    public void theTableItself() {
        assertGivesWay("DELTA_METADATA_CHANGED", UPDATE, "ALTER TABLE $d ADD COLUMN more INT", VECTORS);
        assertGivesWay("DELTA_METADATA_CHANGED", MERGE, "ALTER TABLE $t SET TBLPROPERTIES ('a' = 'b')");
        assertGivesWay("DELTA_PROTOCOL_CHANGED", DELETE, "ALTER TABLE $d SET TBLPROPERTIES (" + VECTORS + ")");
    }

    @Test
    public void filesThatAreCompacted() {
        Path table = table(VECTORS);
        sql("INSERT INTO delta.`" + table + "` VALUES (100, 0)");
        Failures.assertFails(ConflictException.class, READ, () -> change(table, DELETE, "OPTIMIZE $d", () -> {}));
        assertEquals(ROWS + 1, delta(table).count());
    }

    /** What a subquery has read of the table must still be so. */
    @Test
    public void whatTheStatementReadsBesides() {
        String statement = "UPDATE $t SET v = (SELECT CAST(max(id) AS INT) FROM $t WHERE id > 10) WHERE id = 3 AND $id = 3";
        assertGivesWay(READ, statement, "DELETE FROM $t WHERE id = 39", VECTORS);
        Path table = table(VECTORS);
        Path other = table(VECTORS);
        change(table, "DELETE FROM $t WHERE id IN (SELECT id FROM " + byPath(other) + " WHERE id < 5) AND $id = 3",
                "DELETE FROM " + byPath(other) + " WHERE id = 3", () -> {});
        assertEquals("as it was when it was read", 0, delta(table).where("id = 3").count());
    }

    /** The commit lands between our look at the log and our own commit. */
    @Test
    public void aRaceLostAtTheLastMoment() throws Exception {
        Path table = table(VECTORS);
        Winner.lands(table, "DELETE FROM %s WHERE id IN (4, 5)");
        sql("UPDATE " + byPath(table) + " SET v = 100 WHERE id = 3");
        assertEquals(model(Map.of(3L, UPDATED, 4L, GONE, 5L, GONE)), rows(table));
        Path other = table(VECTORS);
        Winner.lands(other, "DELETE FROM %s WHERE id = 3");
        Failures.assertFails(ConflictException.class, READ, () -> sql("UPDATE " + byPath(other) + " SET v = 100 WHERE id IN (3, 4)"));
        assertEquals(model(Map.of(3L, GONE)), rows(other));
    }

    @Test
    public void manyThreadsEachWithRowsOfItsOwn() throws Exception {
        Path table = table(VECTORS);
        int threads = 4;
        int statements = 4;
        long done = inParallel(threads, thread -> LongStream.range(0, statements).filter(i -> {
            long id = thread * statements + i;
            return succeeds(table, i % 2 == 0 ? "DELETE FROM $t WHERE id = " + id : "UPDATE $t SET v = " + (1000 + id) + " WHERE id = " + id);
        }).count());
        assertEquals("all commit", threads * statements, done);
        assertEquals(2 + threads * statements, versions(table));
        List<String> model = LongStream.range(0, ROWS).filter(id -> id >= threads * statements || id % 2 == 1)
                .mapToObj(id -> "[" + id + "," + (id < threads * statements ? 1000 + id : 0) + "]").sorted().toList();
        assertEquals(model, rows(table));
    }

    /** Nobody's update is overwritten by another's that has not seen it. */
    @Test
    public void manyThreadsWithOneRow() throws Exception {
        Path table = table(VECTORS);
        long done = inParallel(4, thread -> LongStream.range(0, 4).filter(i -> succeeds(table, "UPDATE $t SET v = v + 1 WHERE id = 3")).count());
        assertTrue("one at least", done > 0);
        assertEquals("as many as were done", (int) done, delta(table).where("id = 3").first().getInt(1));
        assertEquals(2 + done, versions(table));
    }

    private static boolean succeeds(Path table, String statement) {
        try {
            sql(named(statement, table));
            return true;
        } catch (Exception e) {
            Failures.find(ConflictException.class, e);
            return false;
        }
    }

    private interface Work {
        long of(long thread);
    }

    private static long inParallel(int threads, Work work) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Future<Long>> parts = new ArrayList<>();
            for (long thread = 0; thread < threads; thread++) {
                long own = thread;
                parts.add(pool.submit((Callable<Long>) () -> work.of(own)));
            }
            long done = 0;
            for (Future<Long> part : parts) {
                done += part.get();
            }
            return done;
        } finally {
            pool.shutdownNow();
        }
    }
}
