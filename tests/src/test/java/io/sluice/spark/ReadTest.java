package io.sluice.spark;

import static io.sluice.spark.SparkFixture.byPath;
import static io.sluice.spark.SparkFixture.delta;
import static io.sluice.spark.SparkFixture.freshPath;
import static io.sluice.spark.SparkFixture.spark;
import static io.sluice.spark.SparkFixture.sql;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.junit.Test;

/** Tables that delta-spark has written and changed, read by both: the rows are the same, bit by bit. */
public class ReadTest {
    static Dataset<Row> sluice(Path table) {
        return spark().read().format("sluice").load(table.toString());
    }

    private static void assertReadAlike(Path table) {
        Rows.assertSame(table.getFileName().toString(), delta(table), sluice(table));
    }

    private static Path create(String name, String columns, String rest) {
        Path path = freshPath(name);
        sql("CREATE TABLE delta.`" + path + "` (" + columns + ") USING delta " + rest);
        return path;
    }

    private static String properties(String... pairs) {
        var properties = new ArrayList<String>();
        for (int i = 0; i < pairs.length; i += 2) {
            properties.add("'" + pairs[i] + "' = '" + pairs[i + 1] + "'");
        }
        return " TBLPROPERTIES (" + String.join(", ", properties) + ")";
    }

    private static void change(Path table, String statement) {
        sql(statement.replace("$t", "delta.`" + table + "`"));
    }

    @Test
    public void everyType() {
        var columns = new ArrayList<>(SampleColumns.FLAT);
        columns.addAll(SampleColumns.NESTED);
        columns.addAll(SampleColumns.NTZ);
        columns.addAll(SampleColumns.VARIANT);
        for (String mapping : List.of("none", "name", "id")) {
            for (String legacy : List.of("false", "true")) {
                Path table = create("types", SampleColumns.ddl(columns), properties("delta.columnMapping.mode", mapping));
                spark().conf().set("spark.sql.parquet.writeLegacyFormat", legacy);
                try {
                    for (Dataset<Row> part : SampleColumns.parts(columns, 3, 40).parts()) {
                        part.write().format("delta").mode("append").save(table.toString());
                    }
                } finally {
                    spark().conf().unset("spark.sql.parquet.writeLegacyFormat");
                }
                assertReadAlike(table);
            }
        }
    }

    @Test
    public void partitionsOfEveryType() {
        var columns = new ArrayList<>(SampleColumns.FLAT);
        columns.addAll(SampleColumns.NTZ.subList(0, 1));
        for (SampleColumns.Column column : columns) {
            Path table = create("partition", SampleColumns.ddl(List.of(column)), "PARTITIONED BY (" + column.name() + ")");
            // What cannot be a directory is no partition of delta-spark's.
            SampleColumns.parts(List.of(column), 1, 20).all()
                    .where("coalesce(instr(CAST(" + column.name() + " AS STRING), '\\u0000'), 0) = 0").write().format("delta").mode("append").save(table.toString());
            assertReadAlike(table);
        }
    }

    @Test
    public void partitionTimestampsOfOtherZones() {
        spark().conf().set("spark.sql.session.timeZone", "America/Los_Angeles");
        try {
            Path table = create("zoned", "id BIGINT, t TIMESTAMP", "PARTITIONED BY (t)");
            change(table, "INSERT INTO $t SELECT id, timestamp'2024-03-10 01:30:00.25' + make_interval(0, 0, 0, 0, id) FROM range(5)");
            assertReadAlike(table);
            assertEquals(delta(table).where("t > '2024-03-10 03:00:00'").count(), sluice(table).where("t > '2024-03-10 03:00:00'").count());
        } finally {
            spark().conf().set("spark.sql.session.timeZone", "UTC");
        }
    }

    @Test
    public void hybridCalendar() {
        for (String type : List.of("INT96", "TIMESTAMP_MICROS", "TIMESTAMP_MILLIS")) {
            Path modern = freshPath("modern");
            Path ancient = freshPath("ancient");
            Map<String, String> old = Map.of("spark.sql.parquet.int96RebaseModeInWrite", "LEGACY",
                    "spark.sql.parquet.datetimeRebaseModeInWrite", "LEGACY", "spark.sql.parquet.outputTimestampType", type);
            old.forEach((key, value) -> spark().conf().set(key, value));
            try {
                sql("SELECT date'1582-10-15' AS d, timestamp'1900-01-02 00:00:00Z' AS t").write().parquet(modern.toString());
                sql("SELECT date'2024-01-01' AS d, array(timestamp'1500-01-02 00:00:00Z') AS t").write().parquet(ancient.toString());
            } finally {
                old.keySet().forEach(spark().conf()::unset);
            }
            sql("CONVERT TO DELTA parquet.`" + modern + "`");
            sql("CONVERT TO DELTA parquet.`" + ancient + "`");
            assertReadAlike(modern);
            for (String filter : List.of("true", "t[0] = timestamp'1500-01-02 00:00:00Z'")) {
                Failures.assertFails("SLUICE_UNSUPPORTED_DATA_FILE.*hybrid calendar", () -> sluice(ancient).where(filter).collect());
            }
            Path shifted = freshPath("shifted");
            old.forEach((key, value) -> spark().conf().set(key, value));
            try {
                sql("SELECT date'1500-01-02' AS d, timestamp'1500-01-02 00:00:00Z' AS t").write().parquet(shifted.toString());
            } finally {
                old.keySet().forEach(spark().conf()::unset);
            }
            sql("CONVERT TO DELTA parquet.`" + shifted + "`");
            for (String filter : List.of("d = date'1500-01-02'", "t < timestamp'1500-01-03 00:00:00Z'", "d IN (date'1500-01-02', date'2000-01-01')")) {
                assertEquals(filter, 1, delta(shifted).where(filter).count());
                Failures.assertFails("hybrid calendar", () -> sluice(shifted).where(filter).collect());
            }
        }
    }

    @Test
    public void voidColumns() {
        Path table = create("void", "id BIGINT, nothing VOID, s STRUCT<a: INT, n: VOID>", "");
        change(table, "INSERT INTO $t SELECT id, NULL, named_struct('a', CAST(id AS INT), 'n', NULL) FROM range(5)");
        assertReadAlike(table);
    }

    @Test
    public void deletionVectors() {
        Path table = create("vectors", "id BIGINT, s STRING, p INT",
                "PARTITIONED BY (p)" + properties("delta.enableDeletionVectors", "true"));
        change(table, "INSERT INTO $t SELECT id, concat('v', id), CAST(id % 2 AS INT) FROM range(0, 30000, 1, 1)");
        change(table, "DELETE FROM $t WHERE id % 7 = 3");
        assertReadAlike(table);
        change(table, "UPDATE $t SET s = 'changed' WHERE id BETWEEN 100 AND 9000 AND id % 3 = 0");
        change(table, "DELETE FROM $t WHERE p = 1 AND id < 20000");
        change(table, "MERGE INTO $t t USING (SELECT id * 5 AS id FROM range(8000)) u ON t.id = u.id"
                + " WHEN MATCHED AND t.id % 2 = 0 THEN DELETE WHEN MATCHED THEN UPDATE SET s = 'merged'"
                + " WHEN NOT MATCHED THEN INSERT (id, s, p) VALUES (u.id, 'new', 2)");
        assertReadAlike(table);
        assertEquals(delta(table).count(), sluice(table).count());
        assertEquals(delta(table).where("s = 'new'").count(), sluice(table).where("s = 'new'").count());
        change(table, "DELETE FROM $t WHERE true");
        assertReadAlike(table);
    }

    @Test
    public void changedColumns() {
        Path table = create("mapped", "id BIGINT, a STRING, b STRUCT<c: INT, d: ARRAY<STRUCT<e: INT, f: STRING>>>, g INT",
                properties("delta.columnMapping.mode", "name"));
        change(table, "INSERT INTO $t SELECT id, 'a', named_struct('c', 1, 'd', array(named_struct('e', 2, 'f', 'x'), NULL)), 7 FROM range(4)");
        change(table, "ALTER TABLE $t RENAME COLUMN a TO z");
        change(table, "ALTER TABLE $t RENAME COLUMN b.c TO y");
        change(table, "ALTER TABLE $t DROP COLUMN g");
        change(table, "ALTER TABLE $t ADD COLUMNS (g STRING, b.h DOUBLE, b.d.element.i MAP<STRING, INT>)");
        change(table, "INSERT INTO $t SELECT id, 'z', named_struct('y', 3, 'd', array(named_struct('e', 4, 'f', 'w', 'i', map('k', 5))), 'h', 1.5), 'g' FROM range(4, 8)");
        change(table, "INSERT INTO $t VALUES (9, NULL, NULL, NULL)");
        assertReadAlike(table);
        for (String pruned : List.of("b.h", "b.d.i", "b.d.f", "b.y, g", "b.d[0].i['k']", "z, b.d.e")) {
            Rows.assertSame(pruned, delta(table).selectExpr("id", "b IS NULL AS n", "inline(array(struct(" + pruned + ")))"),
                    sluice(table).selectExpr("id", "b IS NULL AS n", "inline(array(struct(" + pruned + ")))"));
        }
    }

    @Test
    public void widenedTypes() {
        Path table = create("widened", "b TINYINT, s SMALLINT, i INT, f FLOAT, d DECIMAL(5,2), e DECIMAL(9,3), t DATE, x INT, n STRUCT<a: ARRAY<SMALLINT>>",
                properties("delta.enableTypeWidening", "true", "delta.feature.timestampNtz", "supported"));
        String row = "(1, -2, 3, 1.5, 12.34, 123456.789, date'1969-12-31', 7, named_struct('a', array(1S, NULL)))";
        change(table, "INSERT INTO $t VALUES " + row + ", (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)");
        for (String column : List.of("b INT", "s BIGINT", "i BIGINT", "f DOUBLE", "d DECIMAL(12,4)", "e DECIMAL(30,5)",
                "t TIMESTAMP_NTZ", "x DECIMAL(20,3)", "n.a.element INT")) {
            String[] parts = column.split(" ", 2);
            change(table, "ALTER TABLE $t ALTER COLUMN " + parts[0] + " TYPE " + parts[1]);
        }
        change(table, "INSERT INTO $t SELECT 100000, 1L << 40, 1L << 41, 1e300, 12345678.1234, 1234567890123456789012345.12345,"
                + " timestamp_ntz'2024-01-01 01:02:03', 12345678901234567.123, named_struct('a', array(70000))");
        assertReadAlike(table);
        assertEquals(1, sluice(table).where("i > 4000000000").count());
    }

    @Test
    public void oldParquet() {
        Path table = freshPath("old");
        Map<String, String> old = Map.of("spark.sql.parquet.outputTimestampType", "INT96", "spark.sql.parquet.writeLegacyFormat", "true");
        old.forEach((key, value) -> spark().conf().set(key, value));
        try {
            sql("SELECT id, CAST(id AS DECIMAL(9,2)) AS d9, CAST(-id AS DECIMAL(18,3)) AS d18, CAST(id AS DECIMAL(38,0)) AS d38,"
                    + " timestamp'0001-01-03 00:00:00Z' + make_interval(id * 150) AS t, array(id, NULL) AS a,"
                    + " array(struct(id AS x)) AS s, map(CAST(id AS STRING), array(timestamp'2024-01-01 00:00:00.123456Z')) AS m FROM range(40)")
                    .write().parquet(table.toString());
        } finally {
            old.keySet().forEach(spark().conf()::unset);
        }
        sql("CONVERT TO DELTA parquet.`" + table + "`");
        assertReadAlike(table);
    }

    @Test
    public void checkpointsOfEveryKind() {
        for (String policy : List.of("classic", "v2")) {
            Path table = create("checkpoint", "id BIGINT, p STRING", "PARTITIONED BY (p)"
                    + properties("delta.checkpointPolicy", policy, "delta.checkpointInterval", "3", "delta.enableDeletionVectors", "true"));
            for (int i = 0; i < 7; i++) {
                change(table, "INSERT INTO $t SELECT id, CAST(id % 3 AS STRING) FROM range(" + i * 10 + ", " + (i + 1) * 10 + ")");
            }
            change(table, "DELETE FROM $t WHERE id % 10 = 4");
            change(table, "OPTIMIZE $t");
            assertReadAlike(table);
            for (int version = 0; version < 8; version++) {
                String at = Integer.toString(version);
                Rows.assertSame(policy + " version " + at, spark().read().format("delta").option("versionAsOf", at).load(table.toString()),
                        spark().read().format("sluice").option("versionAsOf", at).load(table.toString()));
            }
        }
    }

    /** The one who reads may go on when the task is over, on a thread of its own. */
    @Test
    public void readersOutliveTheirTasks() {
        Path table = create("piped", "id BIGINT, s STRING", "");
        change(table, "INSERT INTO $t SELECT id, repeat(CAST(id AS STRING), 20) FROM range(0, 200000, 1, 1)");
        for (int i = 0; i < 10; i++) {
            assertEquals(1, sluice(table).select("s").as(Encoders.STRING()).toJavaRDD().pipe("head -n 1").collect().size());
        }
        assertEquals(200_000, sluice(table).count());
    }

    @Test
    public void largeFilesAreSplit() {
        Path table = create("large", "id BIGINT, s STRING", "");
        spark().range(0, 200_000, 1, 1).selectExpr("id", "concat('row ', id, ' ', rand()) AS s").write().format("delta").mode("append")
                .option("parquet.block.size", 300_000).save(table.toString());
        spark().conf().set("spark.sql.files.maxPartitionBytes", "500000");
        try {
            assertTrue("one partition", sluice(table).rdd().getNumPartitions() > 3);
            assertReadAlike(table);
            assertEquals("rows are counted through row groups", 200_000, sluice(table).where("id = _metadata.row_index").count());
        } finally {
            spark().conf().unset("spark.sql.files.maxPartitionBytes");
        }
    }

    @Test
    public void fileMetadata() {
        Path table = create("metadata", "id BIGINT, p STRING", "PARTITIONED BY (p)"
                + properties("delta.enableDeletionVectors", "true", "delta.columnMapping.mode", "none"));
        change(table, "INSERT INTO $t SELECT id, CASE id % 3 WHEN 0 THEN 'a b' WHEN 1 THEN 'ü/%' END FROM range(0, 20, 1, 1)");
        change(table, "DELETE FROM $t WHERE id IN (3, 7)");
        String[] facts = {"id", "_metadata.file_path", "_metadata.file_name", "_metadata.file_size", "_metadata.file_block_start",
            "_metadata.file_block_length", "_metadata.file_modification_time", "_metadata.row_index"};
        Rows.assertSame("facts", delta(table).selectExpr(facts), sluice(table).selectExpr(facts));
        assertEquals(1, sluice(table).where("_metadata.row_index = 2 AND p = 'a b'").count());
    }

    @Test
    public void tablesOfOurs() throws Exception {
        Path table = freshPath("ours");
        sql("CREATE TABLE " + byPath(table) + " (id BIGINT, s STRING)");
        Dataset<Row> before = spark().table(byPath(table));
        assertEquals(0, before.count());
        spark().range(10).selectExpr("id", "CAST(id AS STRING) AS s").writeTo(byPath(table)).append();
        assertEquals("a later query sees the newest version", 10, before.count());
        sql("INSERT INTO " + byPath(table) + " SELECT id + 10, s FROM " + byPath(table));
        assertEquals(20, sql("SELECT * FROM " + byPath(table) + " a JOIN " + byPath(table) + " b USING (id)").count());
        Dataset<Row> cached = spark().table(byPath(table)).cache();
        assertEquals(20, cached.count());
        spark().range(1).selectExpr("id", "'x' AS s").writeTo(byPath(table)).append();
        assertEquals("the cache is refreshed", 21, spark().table(byPath(table)).count());
        cached.unpersist();
    }
}
