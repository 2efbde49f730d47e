package io.sluice.spark;

import static io.sluice.spark.Failures.assertFails;
import static io.sluice.spark.ReadTest.sluice;
import static io.sluice.spark.SparkFixture.freshPath;
import static io.sluice.spark.SparkFixture.spark;
import static io.sluice.spark.SparkFixture.sql;
import static org.junit.Assert.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.Test;

/** A read that fails says which table, version and file it was. */
public class ReadFaultTest {
    private static Path create() {
        Path table = freshPath("broken");
        sql("CREATE TABLE delta.`" + table + "` (id BIGINT, s STRING) USING delta");
        sql("INSERT INTO delta.`" + table + "` SELECT id, concat('value ', id) FROM range(0, 20000, 1, 1)");
        return table;
    }

    private static Path dataFile(Path table) throws IOException {
        try (var files = Files.list(table)) {
            return files.filter(file -> file.toString().endsWith(".parquet")).findFirst().orElseThrow();
        }
    }

    private static void assertReadFails(String pattern, Path table, Path file) {
        assertFails("(?s)" + pattern + ".*" + file.getFileName() + ".* of table .*" + table.getFileName() + ".* at version 1",
                () -> sluice(table).collect());
    }

    @Test
    public void missingFile() throws Exception {
        Path table = create();
        Path file = dataFile(table);
        Files.delete(file);
        assertReadFails("CorruptTableException: \\[DELTA_FILE_NOT_FOUND_DETAILED\\] Cannot read data file", table, file);
    }

    @Test
    public void filesThatTheSessionPassesOver() throws Exception {
        Path table = create();
        sql("INSERT INTO delta.`" + table + "` VALUES (50000, 'left')");
        Path file;
        try (var files = Files.list(table)) {
            file = files.filter(f -> f.toString().endsWith(".parquet")).max(java.util.Comparator.comparingLong(f -> f.toFile().length())).orElseThrow();
        }
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(whole, whole.length / 2));
        assertFails("SLUICE_CORRUPT_DATA_FILE", () -> sluice(table).collect());
        assertEquals(1, spark().read().format("sluice").option("ignoreCorruptFiles", "true").load(table.toString()).collectAsList().size());
        Files.delete(file);
        assertFails("DELTA_FILE_NOT_FOUND_DETAILED", () -> sluice(table).collect());
        spark().conf().set("spark.sql.files.ignoreMissingFiles", "true");
        try {
            assertEquals(1, sluice(table).collectAsList().size());
        } finally {
            spark().conf().unset("spark.sql.files.ignoreMissingFiles");
        }
    }

    @Test
    public void emptyCutOrOverwrittenFile() throws Exception {
        Path table = create();
        Path file = dataFile(table);
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, new byte[0]);
        assertReadFails("CorruptTableException: \\[SLUICE_CORRUPT_DATA_FILE\\]", table, file);
        Files.write(file, Arrays.copyOf(whole, whole.length / 2));
        assertReadFails("CorruptTableException: \\[SLUICE_CORRUPT_DATA_FILE\\]", table, file);
        byte[] garbled = whole.clone();
        Arrays.fill(garbled, 0, whole.length - 4000, (byte) 0x5a);
        Files.write(file, garbled);
        assertReadFails("CorruptTableException: \\[SLUICE_CORRUPT_DATA_FILE\\]", table, file);
        Files.write(file, "no Parquet at all".repeat(1000).getBytes());
        assertReadFails("CorruptTableException: \\[SLUICE_CORRUPT_DATA_FILE\\]", table, file);
    }

    @Test
    public void unknownReaderFeature() throws Exception {
        Path table = create();
        Path next = table.resolve("_delta_log/%020d.json".formatted(2));
        Files.writeString(next, "{\"protocol\":{\"minReaderVersion\":3,\"minWriterVersion\":7,\"readerFeatures\":[\"fromTheFuture\"],"
                + "\"writerFeatures\":[\"fromTheFuture\"]}}\n");
        assertFails("UnsupportedTableException: .*Cannot read table .*" + table.getFileName() + ".*fromTheFuture", () -> sluice(table).collect());
    }

    /** parquet-mr writes checksums of pages, by which numbers are told from others. */
    @Test
    public void pageChecksums() throws Exception {
        for (String version : List.of("v1", "v2")) {
            Path table = freshPath("checked");
            spark().range(0, 5000, 1, 1).selectExpr("xxhash64(id) AS id").write().format("delta").option("compression", "none").option("parquet.enable.dictionary", "false")
                    .option("parquet.writer.version", version).save(table.toString());
            assertEquals(5000, sluice(table).collectAsList().size());
            Path file = dataFile(table);
            byte[] bytes = Files.readAllBytes(file);
            bytes[20_000] ^= 1;
            Files.write(file, bytes);
            assertFails("SLUICE_CORRUPT_DATA_FILE.*" + file.getFileName() + ".*" + table.getFileName() + ".* at version 0.*checksum", () -> sluice(table).collect());
        }
    }

    @Test
    public void foreignTypes() throws Exception {
        Path table = create();
        Path file = dataFile(table);
        Path other = freshPath("other");
        sql("SELECT CAST(id AS STRING) AS id, 's' AS s FROM range(5)").coalesce(1).write().parquet(other.toString());
        Files.copy(dataFile(other), file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        assertFails("Cannot read|SLUICE_COLUMN_TYPE_MISMATCH|SLUICE_CORRUPT_DATA_FILE", () -> sluice(table).collect());
    }

    /** Spark reads once what two sides of a query have in common. */
    @Test
    public void whatOneSidePassesOverTheOtherDoesNot() throws Exception {
        Path table = create();
        Files.delete(dataFile(table));
        sql("INSERT INTO delta.`" + table + "` VALUES (1, 'left')");
        var lenient = spark().read().format("sluice").option("ignoreMissingFiles", "true").load(table.toString()).groupBy("s").count();
        var strict = sluice(table).groupBy("s").count();
        assertEquals(1, lenient.collectAsList().size());
        assertFails("DELTA_FILE_NOT_FOUND_DETAILED", () -> lenient.join(strict, "s").collect());
        assertFails("DELTA_FILE_NOT_FOUND_DETAILED", () -> strict.join(lenient, "s").collect());
    }
}
