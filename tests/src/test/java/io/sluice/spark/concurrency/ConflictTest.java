package io.sluice.spark.concurrency;

import static io.sluice.spark.SparkFixture.byPath;
import static io.sluice.spark.SparkFixture.freshPath;
import static io.sluice.spark.SparkFixture.spark;
import static io.sluice.spark.SparkFixture.sql;
import static io.sluice.spark.SparkFixture.versions;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import io.delta.tables.DeltaTable;
import io.sluice.spark.ConflictException;
import io.sluice.spark.CorruptTableException;
import io.sluice.spark.TableExistsException;
import io.sluice.spark.faults.Failures;
import io.sluice.spark.faults.Midway;
import io.sluice.spark.faults.QuietLog;
import io.sluice.spark.faults.TableFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.ClassRule;
import org.junit.Test;

/** What happens to an append when somebody else commits between its start and its commit. */
public class ConflictTest {
    @ClassRule
    public static final QuietLog QUIET = new QuietLog();

    private static final List<Long> BEFORE = List.of(-2L, -1L);
    private static final Map<String, String> NIGHTLY = Map.of("txnAppId", "nightly", "txnVersion", "1");

    /** What Delta's own writer does meanwhile that our files depend on. */
    private static final List<String> METADATA_CHANGES = List.of(
            "ALTER TABLE %s ADD COLUMN more INT",
            "ALTER TABLE %s ALTER COLUMN id COMMENT 'a number'",
            "ALTER TABLE %s SET TBLPROPERTIES ('delta.checkpointInterval' = '20')");

    /** What no append has to care about, and the ids that are then there beside ours. */
    private static final Map<String, List<Long>> OUT_OF_THE_WAY = Map.of(
            "INSERT OVERWRITE %s SELECT 9L AS id", List.of(9L),
            "DELETE FROM %s WHERE id = -1", List.of(-2L),
            "UPDATE %s SET id = -9 WHERE id = -1", List.of(-9L, -2L),
            "OPTIMIZE %s", BEFORE);

    @Test
    public void anAppendGivesWayToWhatItsFilesDependOn() {
        for (String change : METADATA_CHANGES) {
            assertGivesWay("DELTA_METADATA_CHANGED", table -> sql(change.formatted("delta.`" + table + "`")));
        }
        assertGivesWay("DELTA_PROTOCOL_CHANGED",
                table -> sql("ALTER TABLE delta.`" + table + "` SET TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')"));
        assertGivesWay("DELTA_PROTOCOL_CHANGED",
                table -> DeltaTable.forPath(spark(), table.toString()).addFeatureSupport("timestampNtz"));
    }

    private static void assertGivesWay(String errorClass, Consumer<Path> winner) {
        Path table = table();
        AtomicReference<SortedMap<String, Integer>> won = new AtomicReference<>();
        Dataset<Row> rows = rows(() -> {
            winner.accept(table);
            won.set(TableFiles.state(table));
        });
        var conflict = Failures.assertFails(ConflictException.class, errorClass, () -> append(rows, table, Map.of()));
        assertTrue(conflict.getMessage(), conflict.getMessage().contains("run the write again"));
        TableFiles.assertUnchanged("", won.get(), table);
    }

    @Test
    public void anAppendPassesByWhatItDoesNotDependOn() throws Exception {
        for (var winner : OUT_OF_THE_WAY.entrySet()) {
            Path table = table();
            append(rows(() -> sql(winner.getKey().formatted("delta.`" + table + "`"))), table, Map.of());
            assertEquals(winner.getKey(), Stream.concat(winner.getValue().stream(), LongStream.range(0, 100).boxed())
                    .sorted().toList(), TableFiles.ids(table));
        }
    }

    @Test
    public void anAppendFollowsAppendsOfOthers() throws Exception {
        Path table = table();
        append(rows(() -> {
            sql("INSERT INTO delta.`" + table + "` VALUES (1000)");
            sql("INSERT INTO " + byPath(table) + " VALUES (1001)");
            sql("INSERT INTO delta.`" + table + "` VALUES (1002)");
        }), table, NIGHTLY);
        TableFiles.assertHolds(table, Stream.of(BEFORE.stream(), LongStream.range(0, 100).boxed(),
                LongStream.range(1000, 1003).boxed()).flatMap(ids -> ids).toList());
        assertEquals("versions", 6, versions(table));
    }

    @Test
    public void theSameApplicationTransactionIsAppliedOnce() throws Exception {
        for (String theirVersion : List.of("1", "2")) {
            Path table = table();
            Dataset<Row> rows = rows(() -> append(spark().range(50, 60).toDF(), table,
                    Map.of("txnAppId", "nightly", "txnVersion", theirVersion)));
            Failures.assertFails(ConflictException.class, "DELTA_CONCURRENT_TRANSACTION",
                    () -> append(rows, table, NIGHTLY));
            append(spark().range(0, 100).toDF(), table, NIGHTLY);
            TableFiles.assertHolds(table, Stream.concat(BEFORE.stream(), LongStream.range(50, 60).boxed()).toList());
        }
    }

    @Test
    public void aWinnerThatCannotBeReadIsSaidSo() throws Exception {
        Path table = table();
        var before = TableFiles.state(table);
        Path winner = table.resolve("_delta_log/%020d.json".formatted(2));
        Dataset<Row> rows = rows(() -> Files.writeString(winner, "not JSON"));
        Failures.assertFails(
                CorruptTableException.class, "DELTA_LOG_FILE_MALFORMED", () -> append(rows, table, Map.of()));
        Files.delete(winner);
        TableFiles.assertUnchanged("", before, table);
    }

    @Test
    public void aTableIsCreatedByOneWriterOnly() throws Exception {
        Path table = freshPath("race");
        Dataset<Row> rows = rows(() -> sql("CREATE TABLE delta.`" + table + "` (id BIGINT) USING delta"));
        Failures.assertFails(
                TableExistsException.class, "DELTA_TABLE_ALREADY_EXISTS", () -> rows.writeTo(byPath(table)).create());
        TableFiles.assertHolds(table, List.of());
    }

    @Test
    public void aTableDroppedMeanwhileIsNotBroughtBack() throws Exception {
        Path table = table();
        Dataset<Row> rows = rows(() -> sql("DROP TABLE " + byPath(table)));
        Failures.assertFails(ConflictException.class, "DELTA_METADATA_CHANGED", () -> append(rows, table, Map.of()));
        assertFalse("the log is not written to", Files.exists(table.resolve("_delta_log")));
    }

    @Test
    public void aTableMadeAnewMeanwhileIsNotWrittenTo() throws Exception {
        Path table = table();
        AtomicReference<SortedMap<String, Integer>> other = new AtomicReference<>();
        Dataset<Row> rows = rows(() -> {
            sql("DROP TABLE " + byPath(table));
            sql("CREATE TABLE " + byPath(table) + " (id BIGINT)");
            other.set(TableFiles.state(table));
        });
        Failures.assertFails(ConflictException.class, "DELTA_METADATA_CHANGED", () -> append(rows, table, Map.of()));
        TableFiles.assertUnchanged("", other.get(), table);
    }

    private interface Step {
        void run() throws Exception;
    }

    private static Path table() {
        Path table = freshPath("conflict");
        sql("CREATE TABLE " + byPath(table) + " (id BIGINT)");
        sql("INSERT INTO " + byPath(table) + " VALUES (-2), (-1)");
        return table;
    }

    /** A hundred rows, in the middle of which somebody else does {@code meanwhile}. */
    private static Dataset<Row> rows(Step meanwhile) {
        return spark().range(0, 100, 1, 1).select(Midway.at(50, task -> meanwhile.run()));
    }

    private static void append(Dataset<Row> rows, Path table, Map<String, String> options) throws Exception {
        rows.writeTo(byPath(table)).options(options).option("sluice.batchRows", "10").append();
    }
}
