package io.sluice.spark.concurrency;

import static io.sluice.spark.SparkFixture.byPath;
import static io.sluice.spark.SparkFixture.freshPath;
import static io.sluice.spark.SparkFixture.spark;
import static io.sluice.spark.SparkFixture.sql;
import static io.sluice.spark.SparkFixture.versions;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import io.sluice.spark.CommitUnknownException;
import io.sluice.spark.ConflictException;
import io.sluice.spark.faults.Failures;
import io.sluice.spark.faults.Midway;
import io.sluice.spark.faults.QuietLog;
import io.sluice.spark.faults.TableFiles;
import io.sluice.spark.jni.NativeControl;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.spark.sql.DataFrameWriterV2;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.connector.catalog.Identifier;
import org.apache.spark.sql.connector.catalog.SupportsDeleteV2;
import org.apache.spark.sql.connector.catalog.SupportsWrite;
import org.apache.spark.sql.connector.catalog.TableCatalog;
import org.apache.spark.sql.connector.write.BatchWrite;
import org.apache.spark.sql.connector.write.LogicalWriteInfoImpl;
import org.apache.spark.sql.connector.write.SupportsTruncate;
import org.apache.spark.sql.connector.write.WriteBuilder;
import org.apache.spark.sql.connector.write.WriterCommitMessage;
import org.apache.spark.sql.execution.QueryExecution;
import org.apache.spark.sql.execution.SQLExecution;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;
import org.junit.After;
import org.junit.ClassRule;
import org.junit.Test;
import scala.Option;

/** What happens to an overwrite when somebody else commits between its start and its commit: no row goes unseen. */
public class OverwriteConflictTest {
    @ClassRule
    public static final QuietLog QUIET = new QuietLog();

    private static final List<Long> NEW = LongStream.range(0, 100).boxed().toList();

    @After
    public void switchOff() {
        NativeControl.testSwitch("loseAnswer", "0");
        NativeControl.testSwitch("noAnswer", "0");
    }

    private interface Overwrite {
        void run(DataFrameWriterV2<Row> writer) throws Exception;
    }

    private interface Step {
        void run() throws Exception;
    }

    /** Ids -1 and -2 in partition 1, -3 in partition 2. */
    private static Path table(String... properties) {
        Path table = freshPath("overwritten");
        sql("CREATE TABLE " + byPath(table) + " (id BIGINT, p INT) PARTITIONED BY (p)");
        sql("INSERT INTO " + byPath(table) + " VALUES (-2, 1), (-1, 1), (-3, 2)");
        for (String property : properties) {
            sql("ALTER TABLE delta.`" + table + "` SET TBLPROPERTIES (" + property + ")");
        }
        return table;
    }

    /** A hundred rows of partition 1, in the middle of which somebody else does {@code meanwhile}. */
    private static void overwrite(Path table, Overwrite overwrite, Step meanwhile) throws Exception {
        Dataset<Row> rows = spark().range(0, 100, 1, 1).select(Midway.at(50, task -> meanwhile.run()), lit(1).as("p"));
        overwrite.run(rows.writeTo(byPath(table)).option("sluice.batchRows", "10"));
    }

    private static void assertPasses(Overwrite overwrite, String statement, List<Long> others, String... properties) throws Exception {
        Path table = table(properties);
        overwrite(table, overwrite, () -> sql(statement.formatted("delta.`" + table + "`")));
        assertEquals(statement, Stream.concat(NEW.stream(), others.stream()).sorted().toList(), TableFiles.ids(table));
    }

    private static void assertGivesWay(String errorClass, Overwrite overwrite, String statement, String... properties) {
        Path table = table(properties);
        AtomicReference<SortedMap<String, Integer>> won = new AtomicReference<>();
        Failures.assertFails(ConflictException.class, errorClass, () -> overwrite(table, overwrite, () -> {
            sql(statement.formatted("delta.`" + table + "`"));
            won.set(TableFiles.state(table));
        }));
        TableFiles.assertUnchanged(statement, won.get(), table);
    }

    private static final Overwrite ALL = writer -> writer.overwrite(lit(true));
    private static final Overwrite ONE = writer -> writer.overwrite(expr("p = 1"));
    private static final Overwrite WRITTEN = DataFrameWriterV2::overwritePartitions;

    @Test
    public void rowsThatOthersAppendStay() throws Exception {
        String append = "INSERT INTO %s VALUES (1000, 1), (1001, 2)";
        assertPasses(ALL, append, List.of(1000L, 1001L));
        assertPasses(ONE, append, List.of(-3L, 1000L, 1001L));
        assertPasses(WRITTEN, append, List.of(-3L, 1000L, 1001L));
    }

    @Test
    public void unlessTheTableIsSerializable() throws Exception {
        String serializable = "'delta.isolationLevel' = 'Serializable'";
        assertGivesWay("DELTA_CONCURRENT_APPEND", ALL, "INSERT INTO %s VALUES (1001, 2)", serializable);
        for (Overwrite overwrite : List.of(ONE, WRITTEN)) {
            assertGivesWay("DELTA_CONCURRENT_APPEND", overwrite, "INSERT INTO %s VALUES (1000, 1)", serializable);
            assertPasses(overwrite, "INSERT INTO %s VALUES (1001, 2)", List.of(-3L, 1001L), serializable);
        }
    }

    @Test
    public void changesOfTheSameRowsAreConflicts() {
        for (Overwrite overwrite : List.of(ALL, ONE, WRITTEN)) {
            assertGivesWay("DELTA_CONCURRENT_DELETE_DELETE", overwrite, "DELETE FROM %s WHERE id = -1");
            assertGivesWay("DELTA_CONCURRENT_DELETE_DELETE", overwrite, "DELETE FROM %s WHERE id = -1", "'delta.enableDeletionVectors' = 'true'");
            assertGivesWay("DELTA_CONCURRENT_DELETE_DELETE", overwrite, "UPDATE %s SET id = -9 WHERE p = 1");
            assertGivesWay("DELTA_CONCURRENT_DELETE_DELETE", overwrite, "INSERT OVERWRITE %s VALUES (7, 7)");
            assertGivesWay("DELTA_METADATA_CHANGED", overwrite, "ALTER TABLE %s ADD COLUMN more INT");
            assertGivesWay("DELTA_PROTOCOL_CHANGED", overwrite, "ALTER TABLE %s SET TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')");
        }
    }

    /** Rows that came by an update were there before, in another partition. */
    @Test
    public void rowsThatWereMovedInAreAConflict() {
        for (Overwrite overwrite : List.of(ONE, WRITTEN)) {
            assertGivesWay("DELTA_CONCURRENT_APPEND", overwrite, "UPDATE %s SET p = 1 WHERE p = 2");
        }
    }

    @Test
    public void changesOfOtherPartitionsAreNone() throws Exception {
        for (Overwrite overwrite : List.of(ONE, WRITTEN)) {
            assertPasses(overwrite, "DELETE FROM %s WHERE p = 2", List.of());
            assertPasses(overwrite, "UPDATE %s SET id = -9 WHERE p = 2", List.of(-9L));
            assertPasses(overwrite, "INSERT INTO %s REPLACE WHERE p = 3 SELECT 33L, 3", List.of(-3L, 33L));
        }
    }

    /** A statement knows the table as it was when it was analyzed; what came since has not been looked at. */
    @Test
    public void rowsThatTheStatementHasNotSeenStay() throws Exception {
        Path table = table();
        SupportsWrite seen = seen(table);
        sql("INSERT INTO " + byPath(table) + " VALUES (8, 1)");
        overwriteWithNothing(seen);
        assertEquals(List.of(8L), TableFiles.ids(table));
        SupportsWrite other = seen(table);
        sql("DELETE FROM delta.`" + table + "` WHERE id = 8");
        Failures.assertFails(ConflictException.class, "DELTA_CONCURRENT_DELETE_DELETE", () -> overwriteWithNothing(other));
        SupportsDeleteV2 third = (SupportsDeleteV2) seen(table);
        sql("INSERT INTO " + byPath(table) + " VALUES (9, 1)");
        third.truncateTable();
        assertEquals(List.of(9L), TableFiles.ids(table));
        SupportsWrite fourth = seen(table);
        sql("CREATE OR REPLACE TABLE " + byPath(table) + " AS SELECT 10L AS id, 1 AS p");
        Failures.assertFails(ConflictException.class, "DELTA_METADATA_CHANGED", () -> overwriteWithNothing(fourth));
        assertEquals(List.of(10L), TableFiles.ids(table));
    }

    /** Scans are planned after the analysis. What they find is written again, but does not go if it came in between. */
    @Test
    public void rowsThatTheStatementHasReadAreNotThereTwice() throws Exception {
        Path table = table();
        SupportsWrite seen = seen(table);
        sql("INSERT INTO " + byPath(table) + " VALUES (8, 1)");
        QueryExecution statement = ((org.apache.spark.sql.classic.SparkSession) spark()).range(1).queryExecution();
        SQLExecution.withNewExecutionId(statement, Option.empty(), () -> {
            ((org.apache.spark.sql.classic.Dataset<?>) spark().table(byPath(table))).queryExecution().optimizedPlan();
            Failures.assertFails(ConflictException.class, "DELTA_CONCURRENT_APPEND", () -> overwriteWithNothing(seen));
            return null;
        });
        assertEquals(List.of(-3L, -2L, -1L, 8L), TableFiles.ids(table));
    }

    private static SupportsWrite seen(Path table) throws Exception {
        TableCatalog lake = (TableCatalog) spark().sessionState().catalogManager().catalog("lake");
        return (SupportsWrite) lake.loadTable(Identifier.of(new String[] {"delta"}, table.toString()));
    }

    private static void overwriteWithNothing(SupportsWrite table) {
        StructType columns = new StructType().add("id", "bigint").add("p", "int");
        WriteBuilder builder = table.newWriteBuilder(
                new LogicalWriteInfoImpl("q", columns, CaseInsensitiveStringMap.empty(), Optional.empty(), Optional.empty()));
        BatchWrite write = ((SupportsTruncate) builder).truncate().build().toBatch();
        write.createBatchWriterFactory(() -> 0);
        write.commit(new WriterCommitMessage[0]);
    }

    @Test
    public void ofOverwritesAtOnceTheLastThatSawTheOthersWins() throws Exception {
        Path table = table();
        ExecutorService pool = Executors.newFixedThreadPool(4);
        try {
            List<Future<Boolean>> writers = new ArrayList<>();
            for (int writer = 0; writer < 4; writer++) {
                long first = 1000L * writer;
                writers.add(pool.submit((Callable<Boolean>) () -> isDone(table, first)));
            }
            int done = 0;
            for (Future<Boolean> writer : writers) {
                done += writer.get() ? 1 : 0;
            }
            assertTrue("one at least", done >= 1);
            assertEquals("one's rows", 10, TableFiles.ids(table).size());
            assertEquals("a version each", 2 + done, versions(table));
        } finally {
            pool.shutdownNow();
        }
    }

    /** False if another one was faster. */
    private static boolean isDone(Path table, long first) throws Exception {
        try {
            spark().range(first, first + 10).selectExpr("id", "1 AS p").writeTo(byPath(table)).overwrite(lit(true));
            return true;
        } catch (ConflictException conflict) {
            return false;
        }
    }

    @Test
    public void aLostAnswerIsAskedForAgain() throws Exception {
        Path table = table();
        NativeControl.testSwitch("loseAnswer", "1");
        overwrite(table, ALL, () -> {});
        assertEquals(NEW, TableFiles.ids(table));
        assertEquals("versions", 3, versions(table));
    }

    @Test
    public void ofAnUnknownOutcomeNothingIsDeleted() {
        Path table = table();
        NativeControl.testSwitch("noAnswer", "1");
        Failures.assertFails(CommitUnknownException.class, "SLUICE_COMMIT_OUTCOME_UNKNOWN", () -> overwrite(table, ALL, () -> {}));
        assertEquals(NEW, TableFiles.ids(table));
    }
}
