package io.sluice.spark.faults;

import static io.sluice.spark.SparkFixture.byPath;
import static io.sluice.spark.SparkFixture.freshPath;
import static io.sluice.spark.SparkFixture.sql;
import static org.hamcrest.CoreMatchers.is;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import io.sluice.spark.CorruptTableException;
import io.sluice.spark.SparkFixture;
import io.sluice.spark.jni.NativeControl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.apache.spark.sql.AnalysisException;
import org.junit.ClassRule;
import org.junit.Rule;
import org.junit.Test;
import org.junit.function.ThrowingRunnable;
import org.junit.rules.ErrorCollector;

/** Tables, warehouses and rows that are not what they should be: a typed error each, and nothing touched. */
public class CorruptTableTest {
    @ClassRule
    public static final QuietLog QUIET = new QuietLog();

    @Rule
    public final ErrorCollector errors = new ErrorCollector();

    private static final int VERSIONS = 12; // past the first checkpoint
    private static final String CORRUPT = "DELTA_LOG_FILE_MALFORMED";

    private interface Damage {
        void to(Path log) throws IOException;
    }

    private record Case(String name, Damage damage) {}

    private static final List<Case> FATAL = List.of(
            new Case("the newest commit is not JSON", log -> Files.writeString(commit(log, 12), "not JSON\n")),
            new Case("the newest commit ends early", log -> cut(commit(log, 12))),
            new Case("the newest commit holds an action of a wrong shape",
                    log -> Files.writeString(commit(log, 12), "{\"add\":{\"path\":7,\"size\":\"x\"}}\n")),
            new Case("the newest commit is not JSON, and there are no checksums", log -> {
                Files.writeString(commit(log, 12), "not JSON\n");
                deleteChecksums(log);
            }));

    /** What only saves time may be lost. */
    private static final List<Case> HARMLESS = List.of(
            new Case("the pointer to the checkpoint is not JSON",
                    log -> Files.writeString(log.resolve("_last_checkpoint"), "{\"version\":")),
            new Case("the pointer to the checkpoint leads nowhere",
                    log -> Files.writeString(log.resolve("_last_checkpoint"), "{\"version\":99,\"size\":3}")),
            new Case("the newest checksum is not JSON",
                    log -> Files.writeString(log.resolve("00000000000000000012.crc"), "not JSON")));

    @Test
    public void aCorruptLogIsNamedAndLeftAlone() throws Exception {
        Path sound = table();
        for (Case corrupt : FATAL) {
            Path table = damaged(sound, corrupt);
            var before = TableFiles.state(table);
            errors.checkSucceeds(() -> Failures.assertFails(
                    corrupt.name(), CorruptTableException.class, CORRUPT, () -> insert(table, 100)));
            errors.checkThat(corrupt.name(), TableFiles.changes(before, table), is(List.of()));
        }
    }

    @Test
    public void damageToWhatOnlySavesTimeIsPassedOver() throws Exception {
        Path sound = table();
        for (Case harmless : HARMLESS) {
            Path table = damaged(sound, harmless);
            errors.checkSucceeds(() -> sql("INSERT INTO " + byPath(table) + " VALUES (100)"));
            errors.checkThat(harmless.name(), TableFiles.ids(table), is(
                    LongStream.concat(LongStream.rangeClosed(1, VERSIONS), LongStream.of(100)).boxed().toList()));
        }
    }

    @Test
    public void missingWarehousesTablesAndNamespacesAreSaidSo() {
        Path nowhere = SparkFixture.temporaryDirectory("gone").resolve("warehouse");
        SparkFixture.spark().conf().set("spark.sql.catalog.gone", "io.sluice.spark.SluiceCatalog");
        SparkFixture.spark().conf().set("spark.sql.catalog.gone.warehouse", nowhere.toString());
        SparkFixture.spark().conf().set("spark.sql.catalog.homeless", "io.sluice.spark.SluiceCatalog");
        var one = SparkFixture.spark().range(1).toDF();
        assertFails("TABLE_OR_VIEW_NOT_FOUND", () -> one.writeTo("gone.db.t").append());
        assertFails("TABLE_OR_VIEW_NOT_FOUND", () -> one.writeTo(byPath(nowhere)).append());
        assertFalse("nothing was made", Files.exists(nowhere));
        var failure = assertThrows(Exception.class, () -> one.writeTo("homeless.db.t").append());
        assertTrue(failure.getMessage(), failure.getMessage().contains("spark.sql.catalog.homeless.warehouse"));
    }

    @Test
    public void rowsOfAWrongSchemaAreRefused() {
        Path table = freshPath("schema");
        sql("CREATE TABLE " + byPath(table) + " (id BIGINT NOT NULL, name STRING, at STRUCT<x: INT>)");
        var before = TableFiles.state(table);
        String[][] writes = {
            {"INCOMPATIBLE_DATA_FOR_TABLE.CANNOT_FIND_DATA", "1L AS ident, 'a' AS name, struct(1 AS x) AS at"},
            {"INSERT_COLUMN_ARITY_MISMATCH.TOO_MANY_DATA_COLUMNS", "1L AS id, 'a' AS name, struct(1 AS x) AS at, 2 AS more"},
            {"INCOMPATIBLE_DATA_FOR_TABLE.CANNOT_SAFELY_CAST", "1L AS id, 'a' AS name, 5 AS at"},
            {"INCOMPATIBLE_DATA_FOR_TABLE.EXTRA_STRUCT_FIELDS",
                "1L AS id, 'a' AS name, struct(1 AS x, 2 AS y) AS at"},
        };
        for (String[] write : writes) {
            assertFails(write[0], () -> sql("SELECT " + write[1]).writeTo(byPath(table)).append());
            TableFiles.assertUnchanged(write[0], before, table);
        }
    }

    private static void assertFails(String errorClass, ThrowingRunnable statement) {
        AnalysisException failure = Failures.find(AnalysisException.class, assertThrows(Throwable.class, statement));
        assertEquals(failure.getMessage(), errorClass, failure.getCondition());
    }

    private static Path table() {
        Path table = freshPath("sound");
        sql("CREATE TABLE " + byPath(table) + " (id BIGINT)");
        for (int version = 1; version <= VERSIONS; version++) {
            insert(table, version);
        }
        assertEquals(0, NativeControl.awaitMaintenance(20_000));
        assertTrue("there is a checkpoint to damage", Files.exists(checkpoint(table.resolve("_delta_log"))));
        return table;
    }

    private static void insert(Path table, long id) {
        sql("INSERT INTO " + byPath(table) + " VALUES (" + id + ")");
    }

    /** A copy, which no cache knows. */
    private static Path damaged(Path table, Case damage) throws IOException {
        Path copy = freshPath("damaged");
        for (Path file : TableFiles.all(table)) {
            Path target = copy.resolve(table.relativize(file));
            Files.createDirectories(target.getParent());
            Files.copy(file, target);
        }
        damage.damage().to(copy.resolve("_delta_log"));
        return copy;
    }

    private static void deleteChecksums(Path log) throws IOException {
        for (int version = 0; version <= VERSIONS; version++) {
            Files.deleteIfExists(log.resolve("%020d.crc".formatted(version)));
        }
    }

    private static Path commit(Path log, int version) {
        return log.resolve("%020d.json".formatted(version));
    }

    private static Path checkpoint(Path log) {
        return log.resolve("%020d.checkpoint.parquet".formatted(10));
    }

    private static void cut(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(bytes, bytes.length * 2 / 3));
    }
}
