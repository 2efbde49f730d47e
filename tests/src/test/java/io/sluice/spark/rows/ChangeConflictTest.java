package io.sluice.spark.rows;

import static io.sluice.spark.SparkFixture.byPath;
import static io.sluice.spark.SparkFixture.freshPath;
import static io.sluice.spark.SparkFixture.sql;
import static org.junit.Assert.assertEquals;

import io.sluice.spark.ConflictException;
import io.sluice.spark.Twins;
import io.sluice.spark.faults.Failures;
import io.sluice.spark.faults.Midway;
import io.sluice.spark.faults.QuietLog;
import io.sluice.spark.faults.TableFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.spark.sql.Row;
import org.junit.ClassRule;
import org.junit.Test;

/** What happens to a change of rows when somebody else commits between its start and its commit. */
public class ChangeConflictTest {
    @ClassRule
    public static final QuietLog QUIET = new QuietLog();

    private static final String VECTORS = "'delta.enableDeletionVectors' = 'true'";
    private static final String PLAIN = "'some' = 'thing'";
    /** The row of which each statement asks its function first. */
    private static final String DELETE = "DELETE FROM %s WHERE %s(id) = 3";
    private static final String UPDATE = "UPDATE %s SET v = 'ours' WHERE %s(id) = 3";
    private static final String MERGE = "MERGE INTO %s t USING (SELECT 3L AS id UNION ALL SELECT 40L) s ON t.id = s.id"
            + " WHEN MATCHED AND %s(t.id) = 3 THEN DELETE WHEN NOT MATCHED THEN INSERT (id, v, p) VALUES (s.id, 'ours', 1)";

    /** Ids 1 to 4 in a file of partition 1, 5 and 6 in one of partition 2. */
    private static Path table(String property) {
        Path table = freshPath("contended");
        sql("CREATE TABLE delta.`" + table + "` (id BIGINT, v STRING, p INT) USING delta PARTITIONED BY (p) TBLPROPERTIES (" + property + ")");
        sql("INSERT INTO delta.`" + table + "` SELECT /*+ COALESCE(1) */ * FROM VALUES (1L, 'a', 1), (2L, 'b', 1), (3L, 'c', 1), (4L, 'd', 1), (5L, 'e', 2), (6L, 'f', 2)");
        return table;
    }

    private static void change(Path table, String statement, Midway.Action meanwhile) {
        sql(statement.formatted(byPath(table), Midway.function(3, meanwhile)));
    }

    private static void assertPasses(String property, String statement, String other, Long... ids) {
        Path table = table(property);
        change(table, statement, task -> sql(other.formatted("delta.`" + table + "`")));
        assertEquals(statement + " and " + other, List.of(ids), TableFiles.ids(table));
        assertEquals(List.of(ids), sql("SELECT id FROM " + byPath(table) + " ORDER BY id").collectAsList().stream().map(row -> row.getLong(0)).toList());
    }

    private static void assertGivesWay(String condition, String property, String statement, String other) {
        Path table = table(property);
        AtomicReference<SortedMap<String, Integer>> won = new AtomicReference<>();
        Failures.assertFails(ConflictException.class, condition, () -> change(table, statement, task -> {
            sql(other.formatted("delta.`" + table + "`"));
            won.set(TableFiles.state(table));
        }));
        TableFiles.assertUnchanged(statement + " after " + other, won.get(), table);
    }

    @Test
    public void blindAppendsMayComeLater() {
        String append = "INSERT INTO %s VALUES (7, 'theirs', 1)";
        assertPasses(PLAIN, DELETE, append, 1L, 2L, 4L, 5L, 6L, 7L);
        assertPasses(VECTORS, UPDATE, append, 1L, 2L, 3L, 4L, 5L, 6L, 7L);
        assertPasses(VECTORS, MERGE, append, 1L, 2L, 4L, 5L, 6L, 7L, 40L);
        assertGivesWay("DELTA_CONCURRENT_APPEND", "'delta.isolationLevel' = 'Serializable'", DELETE, append);
    }

    @Test
    public void differentRowsOfAFileBothGo() {
        assertPasses(VECTORS, DELETE, "DELETE FROM %s WHERE id = 1", 2L, 4L, 5L, 6L);
        assertPasses(VECTORS, UPDATE, "DELETE FROM %s WHERE id = 1", 2L, 3L, 4L, 5L, 6L);
        Path table = table(VECTORS);
        change(table, DELETE, task -> sql("DELETE FROM delta.`" + table + "` WHERE id = 4"));
        Row last = Twins.last(table);
        assertEquals("1", last.<String, String>getJavaMap(last.fieldIndex("operationMetrics")).get("numDeletionVectorsJoined"));
    }

    @Test
    public void changesOfTheSameRowsAreConflicts() {
        for (String statement : List.of(DELETE, UPDATE, MERGE)) {
            assertGivesWay("DELTA_CONCURRENT_DELETE_READ", VECTORS, statement, "DELETE FROM %s WHERE id = 3");
            assertGivesWay("DELTA_CONCURRENT_APPEND", PLAIN, statement, "DELETE FROM %s WHERE id = 3");
            assertGivesWay("DELTA_CONCURRENT_APPEND", VECTORS, statement, "UPDATE %s SET v = 'theirs' WHERE id = 3");
            assertGivesWay("DELTA_METADATA_CHANGED", VECTORS, statement, "ALTER TABLE %s ADD COLUMN more INT");
        }
        assertGivesWay("DELTA_CONCURRENT_APPEND", PLAIN, DELETE, "DELETE FROM %s WHERE id = 1");
    }

    /** Rows that came by an update were there before. */
    @Test
    public void rowsThatWereMovedInAreAConflict() {
        assertGivesWay("DELTA_CONCURRENT_APPEND", VECTORS, "DELETE FROM %s WHERE p = 1 AND %s(id) > 2", "UPDATE %s SET p = 1 WHERE id = 6");
        assertPasses(VECTORS, "DELETE FROM %s WHERE p = 1 AND %s(id) > 2", "UPDATE %s SET v = 'theirs' WHERE id = 6", 1L, 2L, 5L, 6L);
        assertPasses(VECTORS, "UPDATE %s SET v = 'ours' WHERE p = 1 AND %s(id) > 2", "DELETE FROM %s WHERE p = 2", 1L, 2L, 3L, 4L);
    }

    /** What the source has been read of the same table. */
    @Test
    public void whatElseTheStatementHasReadIsAConflict() {
        String statement = "DELETE FROM %1$s WHERE %2$s(id) = 3 AND v IN (SELECT max(v) FROM %1$s WHERE p = 2 UNION ALL SELECT 'c')";
        assertGivesWay("DELTA_CONCURRENT_DELETE_READ", VECTORS, statement, "DELETE FROM %s WHERE p = 2");
        assertPasses(VECTORS, statement.replace("p = 2", "p = 3"), "DELETE FROM %s WHERE p = 2", 1L, 2L, 4L);
    }
}
