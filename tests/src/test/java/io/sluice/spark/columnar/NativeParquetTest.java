package io.sluice.spark.columnar;

import static io.sluice.spark.SparkFixture.delta;
import static io.sluice.spark.SparkFixture.freshName;
import static io.sluice.spark.SparkFixture.freshPath;
import static io.sluice.spark.SparkFixture.spark;
import static io.sluice.spark.SparkFixture.sql;
import static io.sluice.spark.SparkFixture.warehouse;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import io.sluice.spark.ConstraintException;
import io.sluice.spark.CorruptTableException;
import io.sluice.spark.faults.Failures;
import io.sluice.spark.faults.QuietLog;
import io.sluice.spark.jni.PlainScan;
import io.sluice.spark.jni.ReaderHandle;
import io.sluice.spark.jni.message.StorageLocation;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.MetadataBuilder;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.junit.After;
import org.junit.Before;
import org.junit.BeforeClass;
import org.junit.ClassRule;
import org.junit.Test;

/** Parquet files that native code reads for a write, and those that it leaves to Spark: the tables are the same. */
public class NativeParquetTest {
    @ClassRule
    public static final QuietLog QUIET = new QuietLog();

    private static final String FLAT = """
            SELECT id, id % 2 = 0 AS c_boolean, CAST(id % 256 - 128 AS TINYINT) AS c_byte, CAST(id * 7 - 31000 AS SMALLINT) AS c_short, CAST(id * 7 AS INT) AS c_int,
              CAST(id AS FLOAT) / 3 AS c_float, IF(id % 7 = 0, double('NaN'), -id / 3D) AS c_double, CAST(id / 100 AS DECIMAL(9, 2)) AS c_dec9,
              CAST(-id / 1000 AS DECIMAL(18, 4)) AS c_dec18, CAST(-id * 12345 AS DECIMAL(20, 3)) AS c_dec20,
              CAST(CAST(id AS DECIMAL(20, 0)) * 123456789012 AS DECIMAL(38, 0)) AS c_dec38, concat('t', id % 5) AS c_few,
              IF(id % 11 = 0, '', repeat(CAST(id AS STRING), CAST(id % 20 AS INT))) AS c_string, unhex(hex(id)) AS c_binary,
              date_add(date'1500-01-01', CAST(id AS INT)) AS c_date, timestamp_micros(id * 1234567890 - 62000000000000000) AS c_timestamp,
              CAST(timestamp_micros(id * 1234567) AS TIMESTAMP_NTZ) AS c_ntz FROM range(0, 9000, 1, 3)""";
    private static final String NESTED = """
            SELECT id, IF(id % 3 = 0, NULL, named_struct('a', id, 'b', IF(id % 2 = 0, NULL, concat('x', id)), 'c', named_struct('d', id % 7))) AS s,
              IF(id % 5 = 0, NULL, transform(sequence(0, id % 4), i -> IF(i = 2, NULL, concat(i, '-', id)))) AS l,
              IF(id % 4 = 0, NULL, map(concat('k', id % 3), CAST(id AS DECIMAL(25, 2)), 'z', NULL)) AS m,
              array(array(id, NULL), NULL, array()) AS ll, transform(sequence(0, id % 3), i -> named_struct('i', i, 't', date'2020-01-01' + CAST(i AS INT))) AS ls
            FROM range(0, 5000, 1, 2)""";
    private static final Map<String, String> SETTINGS = new HashMap<>();

    private final Writes writes = new Writes();

    @BeforeClass
    public static void makeNamespace() {
        sql("CREATE NAMESPACE IF NOT EXISTS lake.plain");
    }

    @Before
    public void listen() {
        // Without it Spark reads files as rows, whatever becomes of them.
        set("spark.sql.codegen.wholeStage", "true");
        writes.start();
    }

    @After
    public void reset() {
        writes.stop();
        SETTINGS.forEach((key, value) -> {
            if (value == null) {
                spark().conf().unset(key);
            } else {
                spark().conf().set(key, value);
            }
        });
        SETTINGS.clear();
    }

    @Test
    public void allTypes() throws Exception {
        natively(stored(sql(FLAT)), 3);
        natively(stored(sql(FLAT).selectExpr("id", "IF(id % 3 = 0, NULL, c_byte) AS b", "IF(id < 4000, NULL, c_string) AS s",
                "IF(id % 5 = 0, NULL, c_dec20) AS d", "nullif(c_boolean, true) AS o", "CAST(NULL AS INT) AS n")), 3);
        natively(stored(sql(NESTED)), 2);
        set("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS");
        natively(stored(sql(FLAT)), 3);
    }

    @Test
    public void columnsReorderedRenamedAndDropped() throws Exception {
        natively(stored(sql(FLAT)).selectExpr("c_string", "id AS other", "c_date", "id"), 3);
        natively(stored(sql(NESTED)).selectExpr("ll", "m AS other", "id"), 2);
    }

    @Test
    public void nestedFieldsAreDropped() throws Exception {
        var path = store(sql(NESTED), "pruned");
        natively(spark().read().schema("id BIGINT, s STRUCT<b: STRING>, ls ARRAY<STRUCT<t: DATE>>").parquet(path), 2);
    }

    @Test
    public void manySlicesOfAFile() throws Exception {
        var path = freshPath("slices").toString();
        sql(FLAT).coalesce(2).write().option("parquet.block.size", "20000").parquet(path);
        for (String bytes : List.of("4000", "30000", "100000")) {
            set("spark.sql.files.maxPartitionBytes", bytes);
            set("spark.sql.files.openCostInBytes", "1");
            var source = spark().read().parquet(path);
            var slices = source.rdd().getNumPartitions();
            assertTrue(bytes + ": " + slices, slices > 2);
            append(source, Map.of(), true);
            assertTrue(bytes, writes.filesReadNatively() > 2);
        }
    }

    /** Which files are plain is told by each of them, and some tasks have slices of both. */
    @Test
    public void plainFilesBesideOthers() throws Exception {
        var path = freshPath("mixed").toString();
        var rows = sql("SELECT id, timestamp_micros(id * 1000000) AS t, CAST(id / 7 AS DECIMAL(7, 2)) AS d FROM range(0, 40000, 1, 2)");
        rows.write().option("parquet.block.size", "60000").parquet(path);
        set("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MILLIS");
        rows.write().mode("append").option("parquet.block.size", "60000").parquet(path);
        set("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS");
        set("spark.sql.parquet.writeLegacyFormat", "true");
        rows.write().mode("append").parquet(path);
        natively(spark().read().parquet(path), 4);
        for (String bytes : List.of("40000", "150000", "100000000")) {
            set("spark.sql.files.maxPartitionBytes", bytes);
            set("spark.sql.files.openCostInBytes", "1");
            append(spark().read().parquet(path), Map.of(), true);
            assertTrue(bytes, writes.filesReadNatively() >= 2);
        }
    }

    /** Of more columns Spark reads rows: native code does not, and what is left to Spark comes as rows. */
    @Test
    public void manyColumns() throws Exception {
        set("spark.sql.codegen.maxFields", "2");
        natively(stored(sql(FLAT)), 3);
        var path = freshPath("many").toString();
        var rows = sql("SELECT id, timestamp_micros(id * 1000000) AS t, concat('s', id) AS s FROM range(0, 10000, 1, 2)");
        rows.write().parquet(path);
        set("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MILLIS");
        rows.write().mode("append").parquet(path);
        natively(spark().read().parquet(path), 2);
        natively(spark().read().parquet(path).selectExpr("s", "t AS other", "id"), 2);
        set(PlainFiles.ENABLED, "false");
        natively(spark().read().parquet(path), -1);
    }

    @Test
    public void columnsThatSomeFilesLack() throws Exception {
        var path = freshPath("evolved").toString();
        sql("SELECT id, 'a' AS a FROM range(1000)").coalesce(1).write().parquet(path);
        sql("SELECT id, 2.5D AS b, named_struct('x', id) AS s FROM range(1000)").coalesce(1).write().mode("append").parquet(path);
        natively(spark().read().option("mergeSchema", "true").parquet(path), 2);
        natively(spark().read().schema("none STRING, id BIGINT").parquet(path), 2);
        natively(spark().read().schema("none STRING").parquet(path), 2);
    }

    @Test
    public void whatNeedsARuleIsLeftToSpark() throws Exception {
        var path = store(sql("SELECT id, CAST(id AS INT) AS i, CAST(id AS STRING) AS s, named_struct('x', id, 'y', 1) AS r, "
                + "CAST(id AS DECIMAL(5, 1)) AS d FROM range(0, 1000, 1, 1)"), "ruled");
        for (String schema : List.of("i BIGINT", "I INT", "r STRUCT<X: BIGINT>", "r STRUCT<x: BIGINT, z: INT>", "d DECIMAL(8, 2)")) {
            natively(spark().read().schema(schema).parquet(path), 0);
        }
        natively(spark().read().schema("s STRING").parquet(path), 1);
        natively(spark().read().option("datetimeRebaseMode", "LEGACY").parquet(path), 0);
        var byId = new StructType().add("s", "string").add(
                new StructField("other", DataTypes.LongType, true, new MetadataBuilder().putLong("parquet.field.id", 1).build()));
        set("spark.sql.parquet.fieldId.read.ignoreMissing", "true");
        natively(spark().read().schema(byId).parquet(path), 0);
        for (String setting : List.of("spark.sql.files.ignoreCorruptFiles", "spark.sql.files.ignoreMissingFiles")) {
            set(setting, "true");
            natively(spark().read().parquet(path), 0);
            reset();
            listen();
        }
        set(PlainFiles.ENABLED, "false");
        append(spark().read().parquet(path), Map.of(), true);
        assertEquals(0, writes.filesReadNatively());
    }

    @Test
    public void filesOfTheOldCalendar() throws Exception {
        set("spark.sql.parquet.datetimeRebaseModeInWrite", "LEGACY");
        var path = store(sql("SELECT id, date_add(date'1500-01-01', CAST(id AS INT)) AS d FROM range(0, 100, 1, 1)"), "old");
        natively(spark().read().parquet(path), 0);
    }

    @Test
    public void directoriesTellValues() throws Exception {
        var path = freshPath("parts").toString();
        sql("SELECT id, CAST(id % 3 AS INT) AS p, element_at(array('a b', 'x/y=%', 'ü', NULL, 'z'), CAST(id % 5 + 1 AS INT)) AS q, "
                + "date'2024-02-28' + CAST(id % 2 AS INT) AS r FROM range(0, 3000, 1, 1)").write().partitionBy("p", "q", "r").parquet(path);
        var all = spark().read().parquet(path);
        assertEquals("struct<id:bigint,p:int,q:string,r:date>", all.schema().simpleString());
        natively(all, 30);
        natively(all.selectExpr("r", "id", "p"), 30);
        natively(all.where("p = 1"), 10);
        natively(all.selectExpr("q"), 30);
    }

    @Test
    public void tablesOfSpark() throws Exception {
        var name = freshName("p");
        try {
            sql("CREATE TABLE spark_catalog.default." + name + " (id BIGINT, c STRING) USING parquet PARTITIONED BY (c)");
            sql("INSERT INTO spark_catalog.default." + name + " SELECT id, concat('c', id % 2) FROM range(0, 100, 1, 1)");
            natively(spark().table("spark_catalog.default." + name), 2);
            sql("ALTER TABLE spark_catalog.default." + name + " ADD COLUMN (d INT DEFAULT 7)");
            natively(spark().table("spark_catalog.default." + name), 0);
        } finally {
            sql("DROP TABLE IF EXISTS spark_catalog.default." + name);
        }
    }

    @Test
    public void factsOfFilesAreSparks() throws Exception {
        var rows = stored(sql("SELECT id FROM range(0, 100, 1, 1)"));
        natively(rows.selectExpr("id", "_metadata.file_name AS f"), -1);
        // Its values are made up by Spark's reader, in a column of its own.
        var numbered = rows.selectExpr("id", "_metadata.row_index AS i");
        var path = freshPath("numbered");
        numbered.write().format("sluice").save(path.toString());
        assertSame(numbered, delta(path));
        set("spark.sql.codegen.maxFields", "1");
        var again = freshPath("numbered");
        numbered.write().format("sluice").save(again.toString());
        assertSame(numbered, delta(again));
    }

    @Test
    public void wideValuesAreHandedOverInParts() throws Exception {
        var wide = stored(sql("SELECT id, repeat(CAST(id AS STRING), CAST(IF(id % 50 = 0, 100000, id % 300) AS INT)) AS s, "
                + "IF(id % 2 = 0, NULL, array(repeat('w', CAST(id % 1000 AS INT)), NULL)) AS w, map('k', repeat('v', 10)) AS m FROM range(0, 3000, 1, 1)"));
        for (var limits : List.of(Map.of("sluice.batchBytes", "100000"), Map.of("sluice.batchRows", "7"))) {
            append(wide, limits, true);
            assertEquals(1, writes.filesReadNatively());
        }
    }

    @Test
    public void partitionedTables() throws Exception {
        var rows = stored(sql(FLAT)).select("id", "c_few", "c_string", "c_date", "c_dec20");
        var table = freshName("t");
        sql("CREATE TABLE lake.plain." + table + " (id BIGINT, c_few STRING, c_string STRING, c_date DATE, c_dec20 DECIMAL(20, 3)) PARTITIONED BY (c_few)");
        rows.writeTo("lake.plain." + table).append();
        assertEquals(3, writes.filesReadNatively());
        assertSame(rows, delta(warehouse().resolve("plain").resolve(table)));
    }

    /** What our own scans read goes to the writer without vectors between, too. */
    @Test
    public void tablesOfOurOwn() throws Exception {
        for (String query : List.of(FLAT, NESTED)) {
            var source = freshPath("source");
            sql(query).withColumn("p", functions.expr("id % 3")).write().format("delta").partitionBy("p")
                    .option("delta.columnMapping.mode", "name").option("delta.enableDeletionVectors", "true").save(source.toString());
            sql("DELETE FROM delta.`" + source + "` WHERE id % 10 = 3");
            append(sql("SELECT * FROM lake.delta.`" + source + "`"), Map.of(), true);
            append(sql("SELECT p, id AS i FROM lake.delta.`" + source + "`"), Map.of(), true);
        }
    }

    @Test
    public void constraintsAreChecked() throws Exception {
        var table = "lake.plain." + freshName("checked");
        sql("CREATE TABLE " + table + " (id BIGINT, c_string STRING)");
        sql("ALTER TABLE " + table + " ADD CONSTRAINT low CHECK (id < 9000)");
        var flat = stored(sql(FLAT)).select("id", "c_string");
        flat.writeTo(table).append();
        assertEquals(3, writes.filesReadNatively());
        var high = stored(flat.selectExpr("id + 1 AS id", "c_string"));
        Failures.assertFails(ConstraintException.class, "DELTA_VIOLATE_CONSTRAINT_WITH_VALUES", () -> high.writeTo(table).append());
        assertSame(flat, spark().table(table));
    }

    @Test
    public void damagedFilesFailTheWrite() throws Exception {
        var path = store(sql("SELECT id, repeat(uuid(), 10) AS s FROM range(0, 20000, 1, 2)"), "damaged");
        var table = "lake.plain." + freshName("t");
        sql("CREATE TABLE " + table + " (id BIGINT, s STRING)");
        var source = spark().read().parquet(path);
        List<Path> files;
        try (var all = Files.list(Path.of(path))) {
            files = all.filter(file -> file.toString().endsWith(".parquet")).sorted().toList();
        }
        try (var file = new RandomAccessFile(files.get(0).toFile(), "rw")) {
            file.seek(4);
            file.write(new byte[4000]);
        }
        var damaged = Failures.assertFails(CorruptTableException.class, "SLUICE_CORRUPT_DATA_FILE", () -> source.writeTo(table).append());
        assertTrue(damaged.getMessage(), damaged.getMessage().contains(files.get(0).getFileName() + " of file:" + path + ": it is no valid Parquet"));
        assertEquals(0, spark().table(table).count());
        try (var written = Files.walk(warehouse().resolve("plain").resolve(table.substring(table.lastIndexOf('.') + 1)))) {
            assertEquals("files of tasks that failed", 0, written.filter(file -> file.toString().endsWith(".parquet")).count());
        }
    }

    @Test
    public void missingFilesAreErrors() throws Exception {
        var schema = new StructType().add("id", "bigint");
        var url = freshPath("missing").toUri().toString();
        var plan = new PlainScan("the files", new StorageLocation(url, Map.of()), schema.json(), List.of()).plan();
        var slice = new PlainScan.Slice(url + "/f.parquet", 1000, 0, 1000, List.of());
        var gone = Failures.assertFails(CorruptTableException.class, "DELTA_FILE_NOT_FOUND_DETAILED", () -> ReaderHandle.openPlain(plan, slice));
        assertTrue(gone.getMessage(), gone.getMessage().contains("f.parquet of the files: there is no such file"));
        assertTrue(gone.getMessage(), gone.getMessage().contains("REFRESH"));
    }

    /** @param files that are to be read natively; -1 if rows are written */
    private void natively(Dataset<Row> source, long files) throws Exception {
        append(source, Map.of(), files >= 0);
        if (files >= 0) {
            assertEquals("files read natively", files, writes.filesReadNatively());
        }
    }

    private void append(Dataset<Row> source, Map<String, String> options, boolean columnar) throws Exception {
        var table = freshName("t");
        sql("CREATE TABLE lake.plain." + table + " (" + source.schema().toDDL() + ")");
        writes.forgetRecords();
        source.writeTo("lake.plain." + table).options(options).append();
        assertEquals(columnar, writes.lastWasColumnar());
        assertEquals("records in Spark's task metrics", source.count(), writes.records());
        assertSame(source, delta(warehouse().resolve("plain").resolve(table)));
    }

    /** Rows are compared as text, as maps have no order. */
    private static void assertSame(Dataset<Row> expected, Dataset<Row> actual) {
        var wanted = text(expected);
        var found = text(actual);
        assertEquals("all that was written", List.of(), wanted.exceptAll(found).limit(3).collectAsList());
        assertEquals("nothing else", List.of(), found.exceptAll(wanted).limit(3).collectAsList());
    }

    private static Dataset<Row> text(Dataset<Row> rows) {
        return rows.selectExpr("to_json(struct(*)) AS row");
    }

    private static Dataset<Row> stored(Dataset<Row> rows) {
        return spark().read().parquet(store(rows, "plain"));
    }

    private static String store(Dataset<Row> rows, String name) {
        var path = freshPath(name).toString();
        rows.write().parquet(path);
        return path;
    }

    private static void set(String key, String value) {
        SETTINGS.putIfAbsent(key, spark().conf().getOption(key).getOrElse(() -> null));
        spark().conf().set(key, value);
    }
}
