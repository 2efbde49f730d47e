package io.sluice.spark;

import static io.sluice.spark.SparkFixture.byPath;
import static io.sluice.spark.SparkFixture.delta;
import static io.sluice.spark.SparkFixture.freshPath;
import static io.sluice.spark.SparkFixture.spark;
import static io.sluice.spark.SparkFixture.sql;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNotNull;
import static org.junit.Assert.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.Type;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructType;
import org.junit.After;
import org.junit.Test;

/** The Parquet files themselves: codec, sizes, schema, statistics. */
public class FilesTest {
    private static final String CODEC_CONF = "spark.sql.parquet.compression.codec";

    @After
    public void unset() {
        spark().conf().unset(CODEC_CONF);
        spark().conf().unset("spark.sql.files.maxRecordsPerFile");
    }

    private static Path table(String columns, String... properties) {
        Path path = freshPath("files");
        String list = String.join(", ", properties);
        sql("CREATE TABLE " + byPath(path) + " (" + columns + ")" + (list.isEmpty() ? "" : " TBLPROPERTIES (" + list + ")"));
        return path;
    }

    private static Dataset<Row> longs(int rows) {
        return spark().range(0, rows, 1, 1).toDF("id");
    }

    private static void append(Dataset<Row> rows, Path path, Map<String, String> options) throws Exception {
        rows.writeTo(byPath(path)).options(options).append();
    }

    private static List<ParquetMetadata> footers(Path path) {
        return Arrays.stream(delta(path).inputFiles()).map(file -> {
            try (var reader = ParquetFileReader.open(HadoopInputFile.fromPath(new org.apache.hadoop.fs.Path(file), new Configuration()))) {
                return reader.getFooter();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }).toList();
    }

    private static String codec(Path path) {
        return footers(path).get(0).getBlocks().get(0).getColumns().get(0).getCodec().name();
    }

    @Test
    public void codecComesFromOptionThenTableThenSession() throws Exception {
        Path plain = table("id BIGINT");
        append(longs(10), plain, Map.of());
        assertEquals("ZSTD", codec(plain));
        spark().conf().set(CODEC_CONF, "lz4_raw");
        Path session = table("id BIGINT");
        append(longs(10), session, Map.of());
        assertEquals("LZ4_RAW", codec(session));
        Path property = gzipTable();
        append(longs(10), property, Map.of());
        assertEquals("GZIP", codec(property));
        Path option = gzipTable();
        append(longs(10), option, Map.of("compression", "snappy"));
        assertEquals("SNAPPY", codec(option));
    }

    private static Path gzipTable() {
        String arbitrary = "spark.databricks.delta.allowArbitraryProperties.enabled";
        Path path = freshPath("codec");
        spark().conf().set(arbitrary, "true");
        sql("CREATE TABLE delta.`" + path + "` (id BIGINT) USING delta TBLPROPERTIES ('delta.parquet.compression.codec' = 'gzip')");
        spark().conf().unset(arbitrary);
        return path;
    }

    @Test
    public void everyCodecIsReadBack() throws Exception {
        for (String codec : List.of("none", "uncompressed", "snappy", "gzip", "zstd", "lz4_raw", "SNAPPY", "brotli")) {
            Path path = table("id BIGINT");
            if (codec.equals("brotli")) {
                Failures.assertFails("brotli", () -> append(longs(10), path, Map.of("compression", codec)));
            } else {
                append(longs(1000), path, Map.of("compression", codec));
                assertEquals(codec, codec.equals("none") ? "UNCOMPRESSED" : codec.toUpperCase(), codec(path));
                Rows.assertSame(codec, longs(1000), delta(path));
            }
        }
    }

    /** The format's deprecated LZ4 could not be read back where pages are larger than a reader's block. */
    @Test
    public void largePagesAreReadBackInEveryCodec() throws Exception {
        Dataset<Row> rows = spark().range(0, 40_000, 1, 1).selectExpr("sha2(CAST(id AS STRING), 512) AS text", "repeat(CAST(id % 9000 AS STRING), 20) AS few");
        for (String codec : List.of("none", "snappy", "gzip", "zstd", "lz4", "lz4_raw")) {
            Path path = table("text STRING, few STRING");
            append(rows, path, Map.of("compression", codec));
            Rows.assertSame(codec, rows, delta(path));
            Rows.assertSame(codec, rows, spark().read().format("sluice").load(path.toString()));
        }
    }

    /** Without the mark of its writer's calendar, days of long ago in a file are what a session takes them for. */
    @Test
    public void oldDaysAreReadAlikeInEverySession() throws Exception {
        Dataset<Row> rows = spark().sql("SELECT DATE'0001-01-01' AS d, TIMESTAMP'1500-01-01 12:34:56.789' AS t, TIMESTAMP_NTZ'1500-01-01 00:00:00' AS n");
        Path path = table("d DATE, t TIMESTAMP, n TIMESTAMP_NTZ");
        append(rows, path, Map.of());
        String mode = "spark.sql.parquet.datetimeRebaseModeInRead";
        try {
            for (String asked : List.of("EXCEPTION", "LEGACY", "CORRECTED")) {
                spark().conf().set(mode, asked);
                Rows.assertSame(asked, rows, delta(path));
            }
        } finally {
            spark().conf().unset(mode);
        }
    }

    @Test
    public void filesHoldAtMostTheRecordsAsked() throws Exception {
        Path option = table("id BIGINT");
        append(longs(25), option, Map.of("maxRecordsPerFile", "10"));
        assertEquals(List.of(5L, 10L, 10L), recordCounts(option));
        spark().conf().set("spark.sql.files.maxRecordsPerFile", "20");
        Path session = table("id BIGINT");
        append(longs(25), session, Map.of());
        assertEquals(List.of(5L, 20L), recordCounts(session));
        Rows.assertSame("rolled", longs(25), delta(option));
    }

    private static List<Long> recordCounts(Path path) {
        return footers(path).stream().map(footer -> footer.getBlocks().stream().mapToLong(block -> block.getRowCount()).sum()).sorted().toList();
    }

    @Test
    public void filesRollAtTheirTargetSize() throws Exception {
        Path path = table("id BIGINT, noise STRING");
        var noise = longs(40_000).selectExpr("id", "sha2(string(id), 512) AS noise");
        append(noise, path, Map.of("sluice.targetFileSize", "512k", "sluice.rowGroupSize", "128k", "sluice.batchRows", "500"));
        long[] sizes = Arrays.stream(delta(path).inputFiles()).mapToLong(f -> Path.of(java.net.URI.create(f)).toFile().length()).sorted().toArray();
        assertTrue("sizes " + Arrays.toString(sizes), sizes.length >= 4 && sizes[sizes.length - 1] < 1 << 20 && sizes[1] > 1 << 18);
        assertTrue("row groups", footers(path).stream().anyMatch(footer -> footer.getBlocks().size() > 1));
        assertEquals(40_000, delta(path).distinct().count());
    }

    @Test
    public void idModeCarriesFieldIdsAtEveryDepth() throws Exception {
        String columns = "a INT, s STRUCT<x: INT, y: ARRAY<STRUCT<z: STRING>>>, m MAP<STRING, STRUCT<w: INT>>";
        Path path = table(columns, "'delta.columnMapping.mode' = 'id'");
        sql("INSERT INTO " + byPath(path) + " VALUES (1, named_struct('x', 2, 'y', array(named_struct('z', 'q'))), map('k', named_struct('w', 3)))");
        StructType mapped = (StructType) DataType.fromJson(metadata(path));
        assertEquals(fields(mapped).toList(), fields(footers(path).get(0).getFileMetaData().getSchema()).toList());
    }

    private static String metadata(Path path) throws IOException {
        String log = java.nio.file.Files.readString(path.resolve("_delta_log/00000000000000000000.json"));
        String line = log.lines().filter(l -> l.startsWith("{\"metaData\"")).findFirst().orElseThrow();
        return new com.fasterxml.jackson.databind.ObjectMapper().readTree(line).path("metaData").path("schemaString").asText();
    }

    /** Id and physical name of every field that the schema maps, in order. */
    private static Stream<String> fields(DataType type) {
        if (type instanceof StructType struct) {
            return Arrays.stream(struct.fields()).flatMap(f -> Stream.concat(
                    Stream.of(f.metadata().getLong("delta.columnMapping.id") + " " + f.metadata().getString("delta.columnMapping.physicalName")),
                    fields(f.dataType())));
        } else if (type instanceof ArrayType array) {
            return fields(array.elementType());
        }
        return type instanceof MapType map ? Stream.concat(fields(map.keyType()), fields(map.valueType())) : Stream.empty();
    }

    private static Stream<String> fields(GroupType group) {
        return group.getFields().stream().flatMap(f -> Stream.concat(
                f.getId() == null || !f.getName().startsWith("col-") ? Stream.empty() : Stream.of(f.getId() + " " + f.getName()),
                f.isPrimitive() ? Stream.empty() : fields(f.asGroupType())));
    }

    @Test
    public void footersAreWhatParquetReadersExpect() throws Exception {
        var columns = SampleColumns.FLAT;
        Path path = table(SampleColumns.ddl(columns));
        var rows = SampleColumns.parts(columns, 1, 40).all();
        append(rows, path, Map.of());
        ParquetMetadata footer = footers(path).get(0);
        for (Type field : footer.getFileMetaData().getSchema().getFields()) {
            assertFalse(field.getName(), field.asPrimitiveType().getPrimitiveTypeName().name().equals("INT96"));
        }
        for (var chunk : footer.getBlocks().get(0).getColumns()) {
            assertNotNull(chunk.getPath() + " null count", chunk.getStatistics());
            assertTrue(chunk.getPath() + " null count", chunk.getStatistics().isNumNullsSet());
            assertNotNull(chunk.getPath() + " offset index", chunk.getOffsetIndexReference());
        }
        var plain = spark().read().parquet(delta(path).inputFiles());
        Rows.assertSame("as plain Parquet", rows, plain);
        for (String filter : List.of("id = 39", "c_int = 2147483647", "c_string = 'a/b'", "c_dec38 = 256", "c_double > 1e308D", "c_long IS NULL",
                "c_date < date'1582-10-15'", "c_timestamp > timestamp'9999-01-01'", "c_boolean", "c_dec9 <= -1", "c_float = float('NaN')")) {
            Rows.assertSame("row groups for " + filter, rows.where(filter), plain.where(filter));
        }
    }

    @Test
    public void timestampsAreMicrosInUtc() throws Exception {
        Path path = table("t TIMESTAMP, n TIMESTAMP_NTZ");
        sql("INSERT INTO " + byPath(path) + " VALUES (now(), localtimestamp())");
        List<String> types = footers(path).get(0).getFileMetaData().getSchema().getFields().stream().map(f -> String.valueOf(f.getLogicalTypeAnnotation())).toList();
        assertEquals(List.of("TIMESTAMP(MICROS,true)", "TIMESTAMP(MICROS,false)"), types);
    }
}
