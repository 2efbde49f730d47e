package io.sluice.spark.faults;

import static io.sluice.spark.SparkFixture.byPath;
import static io.sluice.spark.SparkFixture.freshPath;
import static io.sluice.spark.SparkFixture.spark;
import static io.sluice.spark.SparkFixture.sql;
import static org.hamcrest.CoreMatchers.containsString;
import static org.hamcrest.CoreMatchers.is;
import static org.junit.Assert.assertEquals;

import io.sluice.spark.CorruptTableException;
import io.sluice.spark.jni.NativeControl;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.apache.spark.sql.Encoders;
import org.junit.BeforeClass;
import org.junit.ClassRule;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.ErrorCollector;

/**
 * Logs of delta-spark that are damaged where they only save time: all rows are served, by whatever is done first, and
 * the next checkpoint mends the log. Where rows would be lost, it is an error that names the file.
 */
public class LogDamageTest {
    @ClassRule
    public static final QuietLog QUIET = new QuietLog();

    @Rule
    public final ErrorCollector errors = new ErrorCollector();

    private static final int VERSIONS = 5; // one row each; checkpoints at 2 and 4
    /** Every damage with every statement, and delta-spark asked each time ({@code -PlongForm}). */
    private static final boolean LONG_FORM = Boolean.getBoolean("sluice.test.long");
    private static final List<Long> ALL = ids(VERSIONS);

    /** What a log is like before it is damaged. */
    private enum Sound {
        CLASSIC("", Map.of()),
        PARTS("", Map.of("spark.databricks.delta.checkpoint.partSize", "2")),
        V2("'delta.checkpointPolicy' = 'v2',", Map.of("spark.databricks.delta.checkpointV2.topLevelFileFormat", "parquet")),
        V2_JSON("'delta.checkpointPolicy' = 'v2',", Map.of("spark.databricks.delta.checkpointV2.topLevelFileFormat", "json"));

        final String properties;
        final Map<String, String> session;

        Sound(String properties, Map<String, String> session) {
            this.properties = properties;
            this.session = session;
        }
    }

    private interface Damage {
        void to(Path log) throws IOException;
    }

    private record Case(String name, Sound sound, Damage damage) {}

    private record Fatal(Case damaged, String errorClass, String named, String... statements) {}

    private static final String[] STATEMENTS = {"SELECT * FROM %s", "INSERT INTO %s VALUES (9)", "ALTER TABLE %s ADD COLUMN more INT"};

    private static final Map<Sound, Path> TABLES = new EnumMap<>(Sound.class);

    private static final List<Case> HARMLESS = List.of(
            new Case("no checkpoint, and a hint to one", Sound.CLASSIC, log -> delete(log, ".*checkpoint.*parquet")),
            new Case("the checkpoint of the hint is gone, commits before the older one, too", Sound.CLASSIC, log -> {
                delete(log, "0*4\\.checkpoint.*");
                delete(log, "0*[01]\\.(json|crc)");
            }),
            new Case("a checkpoint lacks a part", Sound.PARTS, log -> delete(log, "0*4\\.checkpoint\\.0*2\\..*")),
            new Case("all checkpoints lack a part", Sound.PARTS, log -> delete(log, ".*checkpoint\\.0*1\\..*")),
            new Case("a hint beyond the newest version", Sound.CLASSIC, log -> hint(log, "{\"version\":99,\"size\":3}")),
            new Case("an empty hint", Sound.CLASSIC, log -> hint(log, "")),
            new Case("a garbled hint", Sound.CLASSIC, log -> hint(log, "{\"version\":4,")),
            new Case("a hint of another shape", Sound.CLASSIC, log -> hint(log, "{\"version\":\"six\",\"size\":[]}")),
            new Case("a hint in place of an array", Sound.CLASSIC, log -> hint(log, "[6]")),
            new Case("no checksums", Sound.CLASSIC, log -> delete(log, "0.*\\.crc")),
            new Case("a checksum is cut off", Sound.CLASSIC, log -> cut(file(log, 5, ".crc"))),
            new Case("an empty checksum", Sound.CLASSIC, log -> write(file(log, 5, ".crc"), "")),
            new Case("a garbled checksum", Sound.CLASSIC, log -> write(file(log, 5, ".crc"), "not JSON")),
            new Case("a checksum of a version that was removed", Sound.CLASSIC,
                    log -> copy(file(log, 5, ".crc"), file(log, 6, ".crc"))),
            new Case("a checksum with another schema", Sound.CLASSIC, log -> checksum(log, "\\\\\"id\\\\\"", "\\\\\"other\\\\\"")),
            new Case("a checksum with another protocol", Sound.CLASSIC,
                    log -> checksum(log, "\"minWriterVersion\":\\d+", "\"minWriterVersion\":5")),
            new Case("checksums with other counts", Sound.CLASSIC, log -> {
                for (int version = 0; version <= VERSIONS; version++) {
                    checksum(log, version, "\"(numFiles|tableSizeBytes)\":\\d+", "\"$1\":77");
                }
            }),
            new Case("a checksum of another commit", Sound.CLASSIC,
                    log -> checksum(log, "\"txnId\":\"[^\"]+\"", "\"txnId\":\"00000000-0000-0000-0000-000000000000\"")),
            new Case("a checkpoint is cut off", Sound.CLASSIC, log -> cut(file(log, 4, ".checkpoint.parquet"))),
            new Case("an empty checkpoint", Sound.CLASSIC, log -> write(file(log, 4, ".checkpoint.parquet"), "")),
            new Case("a checkpoint that is no Parquet file", Sound.CLASSIC,
                    log -> write(file(log, 4, ".checkpoint.parquet"), "not Parquet")),
            new Case("a checkpoint of another schema", Sound.CLASSIC, log -> copy(dataFile(log), file(log, 4, ".checkpoint.parquet"))),
            new Case("a checkpoint is broken in the middle", Sound.CLASSIC, log -> scramble(file(log, 4, ".checkpoint.parquet"))),
            new Case("a part of a checkpoint is cut off", Sound.PARTS, log -> cut(only(log, "0*4\\.checkpoint\\.0*2\\..*"))),
            new Case("a sidecar is missing", Sound.V2, log -> deleteSidecars(log, 4)),
            new Case("a sidecar is cut off", Sound.V2, log -> cut(sidecars(log, 4).get(0))),
            new Case("a sidecar of a checkpoint in JSON is missing", Sound.V2_JSON, log -> deleteSidecars(log, 4)),
            new Case("a checkpoint in JSON is cut off", Sound.V2_JSON, log -> cut(only(log, "0*4\\.checkpoint\\..*json"))),
            new Case("a checkpoint in JSON is empty", Sound.V2_JSON, log -> write(only(log, "0*4\\.checkpoint\\..*json"), "")),
            new Case("a checkpoint in JSON holds no actions", Sound.V2_JSON, log -> write(only(log, "0*4\\.checkpoint\\..*json"), "{}\n")),
            new Case("files of others", Sound.CLASSIC, log -> {
                for (Path ofHadoop : files(TABLES.get(Sound.CLASSIC).resolve("_delta_log"), "\\..*\\.crc")) {
                    copy(ofHadoop, log.resolve(ofHadoop.getFileName()));
                }
                write(log.resolve("%020d.json.tmp".formatted(6)), "temporary");
                write(log.resolve(".%020d.json.1234.tmp".formatted(6)), "temporary");
                write(log.resolve("_commit_1234.json.tmp"), "temporary");
                write(log.resolve(".%020d.json.crc".formatted(6)), "crc");
                write(log.resolve("%020d.%020d.compacted.json".formatted(2, 3)), "");
                write(log.resolve("_staged_commits").resolve("%020d.3a0d65cd-4056-49b8-937b-95f9e3ee90e5.json".formatted(6)), "{}");
            }));

    private static final List<Fatal> FATAL = List.of(
            new Fatal(new Case("the checkpoint is gone, and the commits before it", Sound.CLASSIC, log -> {
                delete(log, ".*checkpoint.*parquet");
                delete(log, "0*[0-3]\\.json");
            }), "DELTA_TRUNCATED_TRANSACTION_LOG", "%020d.json".formatted(0)),
            new Fatal(new Case("the checkpoint is cut off, and the commits before it are gone", Sound.CLASSIC, log -> {
                delete(log, "0*2\\.checkpoint.*parquet");
                cut(file(log, 4, ".checkpoint.parquet"));
                delete(log, "0*[0-3]\\.json");
            }), "DELTA_TRUNCATED_TRANSACTION_LOG", "%020d.checkpoint.parquet".formatted(4)),
            new Fatal(new Case("the checkpoint is of another schema, and the commits before it are gone", Sound.CLASSIC, log -> {
                delete(log, "0*2\\.checkpoint.*parquet");
                copy(dataFile(log), file(log, 4, ".checkpoint.parquet"));
                delete(log, "0*[0-3]\\.json");
            }), "DELTA_TRUNCATED_TRANSACTION_LOG", "%020d.checkpoint.parquet".formatted(4)),
            new Fatal(new Case("a part is gone, and the commits before it", Sound.PARTS, log -> {
                delete(log, "0*2\\.checkpoint.*parquet");
                delete(log, "0*4\\.checkpoint\\.0*2\\..*");
                delete(log, "0*[0-3]\\.json");
            }), "DELTA_MISSING_PART_FILES", "%020d.checkpoint.%010d.".formatted(4, 2)),
            new Fatal(new Case("a sidecar is gone, and the commits before it", Sound.V2, log -> {
                delete(log, "0*2\\.checkpoint.*parquet");
                deleteSidecars(log, 4);
                delete(log, "0*[0-3]\\.json");
            }), "DELTA_TRUNCATED_TRANSACTION_LOG", "_sidecars", "SELECT * FROM %s"),
            new Fatal(new Case("a gap in the commits after the older checkpoint", Sound.CLASSIC, log -> {
                delete(log, "0*4\\.checkpoint.*");
                delete(log, "0*4\\.json");
            }), "DELTA_VERSIONS_NOT_CONTIGUOUS", "%020d.json".formatted(4)),
            new Fatal(new Case("a gap in the commits that stand in for a broken checkpoint", Sound.CLASSIC, log -> {
                cut(file(log, 4, ".checkpoint.parquet"));
                delete(log, "0*3\\.json");
            }), "DELTA_VERSIONS_NOT_CONTIGUOUS", "%020d.checkpoint.parquet".formatted(4)),
            new Fatal(new Case("the newest commit is empty", Sound.CLASSIC, log -> write(file(log, 5, ".json"), "")),
                    "DELTA_LOG_FILE_MALFORMED", "%020d.json".formatted(5)),
            new Fatal(new Case("an older commit is empty", Sound.CLASSIC, log -> {
                delete(log, "0*4\\.checkpoint.*");
                write(file(log, 3, ".json"), "");
            }), "DELTA_LOG_FILE_MALFORMED", "%020d.json".formatted(3)),
            new Fatal(new Case("an older commit is cut off", Sound.CLASSIC, log -> {
                delete(log, "0*4\\.checkpoint.*");
                cut(file(log, 3, ".json"));
            }), "DELTA_LOG_FILE_MALFORMED", "%020d.json".formatted(3)));

    @BeforeClass
    public static void makeTables() {
        for (Sound sound : Sound.values()) {
            Path table = freshPath("sound");
            sound.session.forEach(spark().conf()::set);
            sql("CREATE TABLE delta.`" + table + "` (id BIGINT) USING delta TBLPROPERTIES (" + sound.properties
                    + " 'delta.checkpointInterval' = '2', 'delta.enableExpiredLogCleanup' = 'false')");
            for (int version = 1; version <= VERSIONS; version++) {
                sql("INSERT INTO delta.`" + table + "` VALUES (" + version + ")");
            }
            sound.session.keySet().forEach(spark().conf()::unset);
            TABLES.put(sound, table);
        }
    }

    @Test
    public void readsAndTimeTravelServeAllRows() throws Exception {
        for (Case harmless : HARMLESS) {
            Path table = damaged(harmless);
            check(harmless, "read", () -> {
                assertEquals(ALL, read(byPath(table)));
                assertEquals(ids(3), read(byPath(table) + " VERSION AS OF 3"));
                if (LONG_FORM) {
                    assertEquals("as delta-spark", ALL, held(table));
                }
            });
        }
    }

    @Test
    public void appendsGoOnAndTheNextCheckpointMendsTheLog() throws Exception {
        int next = VERSIONS + 1;
        for (Case harmless : HARMLESS) {
            Path table = damaged(harmless);
            check(harmless, "append", () -> {
                sql("INSERT INTO " + byPath(table) + " VALUES (" + next + ")");
                assertEquals(0, NativeControl.awaitMaintenance(20_000));
                Path log = table.resolve("_delta_log");
                assertEquals("a checkpoint was due", 1, files(log, "0*" + next + "\\.checkpoint\\..*").size());
                String hint = Files.readString(log.resolve("_last_checkpoint"));
                assertEquals(hint, next, number(hint, "version"));
                String checksum = Files.readString(file(log, next, ".crc"));
                assertEquals(checksum, next, number(checksum, "numFiles"));
                assertEquals(ids(next), TableFiles.ids(table));
            });
        }
    }

    @Test
    public void tablesCanBeAlteredAndOverwritten() throws Exception {
        for (Case harmless : HARMLESS) {
            if (!LONG_FORM && !harmless.name().matches(".* (gone, too|newest version|another schema|missing)")) {
                continue; // one of each kind
            }
            Path table = damaged(harmless);
            check(harmless, "alter", () -> {
                sql("ALTER TABLE " + byPath(table) + " ADD COLUMN more INT");
                assertEquals(ALL, held(table));
            });
            Path overwritten = damaged(harmless);
            check(harmless, "overwrite", () -> {
                sql("INSERT OVERWRITE " + byPath(overwritten) + " VALUES (100)");
                assertEquals(List.of(100L), held(overwritten));
            });
        }
    }

    @Test
    public void withoutItsCommitsNoVersionIsServed() throws Exception {
        for (Fatal fatal : FATAL) {
            for (String statement : fatal.statements().length == 0 ? STATEMENTS : fatal.statements()) {
                Path table = damaged(fatal.damaged());
                var before = TableFiles.state(table);
                errors.checkSucceeds(() -> {
                    var failure = Failures.assertFails(fatal.damaged().name(), CorruptTableException.class, fatal.errorClass(),
                            () -> sql(statement.formatted(byPath(table))).collect());
                    errors.checkThat(fatal.damaged().name(), failure.getMessage(), containsString(fatal.named()));
                    return null;
                });
                errors.checkThat(fatal.damaged().name(), TableFiles.changes(before, table), is(List.of()));
            }
        }
    }

    private interface Check {
        void run() throws Exception;
    }

    private void check(Case harmless, String what, Check check) {
        errors.checkSucceeds(() -> {
            try {
                check.run();
            } catch (Throwable e) {
                throw new AssertionError(what + ", " + harmless.sound() + ": " + harmless.name() + ": " + e.getMessage(), e);
            }
            return null;
        });
    }

    /** What delta-spark reads there, or a name of the table that no cache knows where it does not read it. */
    private static List<Long> held(Path table) throws IOException {
        try {
            return TableFiles.ids(table);
        } catch (Exception e) {
            Path copy = freshPath("held");
            copyAll(table, copy);
            return read(byPath(copy));
        }
    }

    private static List<Long> read(String table) {
        return sql("SELECT id FROM " + table).as(Encoders.LONG()).collectAsList().stream().sorted().toList();
    }

    private static List<Long> ids(int last) {
        return LongStream.rangeClosed(1, last).boxed().toList();
    }

    private static long number(String json, String field) {
        var found = Pattern.compile("\"" + field + "\":(\\d+)").matcher(json);
        return found.find() ? Long.parseLong(found.group(1)) : -1;
    }

    /** A copy, which no cache knows. */
    private static Path damaged(Case damage) throws IOException {
        Path table = TABLES.get(damage.sound());
        Path copy = freshPath("damaged");
        copyAll(table, copy);
        damage.damage().to(copy.resolve("_delta_log"));
        return copy;
    }

    private static Path file(Path log, int version, String suffix) {
        return log.resolve("%020d%s".formatted(version, suffix));
    }

    private static List<Path> files(Path log, String pattern) throws IOException {
        try (var files = Files.list(log)) {
            return files.filter(file -> file.getFileName().toString().matches(pattern)).sorted().toList();
        }
    }

    private static Path only(Path log, String pattern) throws IOException {
        List<Path> files = files(log, pattern);
        assertEquals(pattern + " among " + files(log, ".*"), 1, files.size());
        return files.get(0);
    }

    private static void delete(Path log, String pattern) throws IOException {
        List<Path> files = files(log, pattern);
        assertEquals("nothing to delete: " + pattern, false, files.isEmpty());
        for (Path file : files) {
            Files.delete(file);
        }
    }

    /** Those that only this checkpoint names. */
    private static List<Path> sidecars(Path log, int version) throws IOException {
        byte[] checkpoint = Files.readAllBytes(only(log, "0*" + version + "\\.checkpoint\\..*"));
        String names = new String(checkpoint, StandardCharsets.ISO_8859_1);
        List<Path> sidecars = new ArrayList<>();
        for (Path sidecar : files(log.resolve("_sidecars"), ".*parquet")) {
            if (names.contains(sidecar.getFileName().toString())) {
                sidecars.add(sidecar);
            }
        }
        assertEquals("sidecars of " + version, false, sidecars.isEmpty());
        return sidecars;
    }

    private static void deleteSidecars(Path log, int version) throws IOException {
        for (Path sidecar : sidecars(log, version)) {
            Files.delete(sidecar);
        }
    }

    private static void hint(Path log, String content) throws IOException {
        write(log.resolve("_last_checkpoint"), content);
    }

    private static void checksum(Path log, String pattern, String replacement) throws IOException {
        checksum(log, VERSIONS, pattern, replacement);
    }

    private static void checksum(Path log, int version, String pattern, String replacement) throws IOException {
        Path file = file(log, version, ".crc");
        String before = Files.readString(file);
        String after = before.replaceAll(pattern, replacement);
        assertEquals(pattern + " in " + before, false, after.equals(before));
        write(file, after);
    }

    private static Path dataFile(Path log) throws IOException {
        return files(log.getParent(), ".*\\.parquet").get(0);
    }

    /** Without what Hadoop puts beside files. */
    private static void copyAll(Path table, Path copy) throws IOException {
        for (Path file : TableFiles.all(table)) {
            if (!file.getFileName().toString().startsWith(".")) {
                copy(file, copy.resolve(table.relativize(file)));
            }
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to.getParent());
        Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
    }

    private static void write(Path file, String content) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    private static void cut(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(bytes, bytes.length * 2 / 3));
    }

    /** All pages, and neither footer nor length. */
    private static void scramble(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        int footer = bytes.length - 8 - ByteBuffer.wrap(bytes, bytes.length - 8, 4)
                .order(ByteOrder.LITTLE_ENDIAN).getInt();
        Arrays.fill(bytes, 4, footer, (byte) 0xa5);
        Files.write(file, bytes);
    }
}
