package io.sluice.spark;

import static io.sluice.spark.ReadPagesTest.bytes;
import static io.sluice.spark.ReadTest.sluice;
import static io.sluice.spark.SparkFixture.byPath;
import static io.sluice.spark.SparkFixture.delta;
import static io.sluice.spark.SparkFixture.freshPath;
import static io.sluice.spark.SparkFixture.spark;
import static io.sluice.spark.SparkFixture.sql;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.Test;

/** Tables of shapes that few people have: read like delta-spark reads them. */
public class UnusualTableTest {
    private static void assertAlike(Path table, String... columns) {
        String[] all = columns.length == 0 ? new String[] {"*"} : columns;
        Rows.assertSame(String.join(", ", all), delta(table).selectExpr(all), sluice(table).selectExpr(all));
    }

    private static Path written(Dataset<Row> rows) {
        Path table = freshPath("unusual");
        rows.coalesce(1).write().format("delta").save(table.toString());
        return table;
    }

    @Test
    public void noRows() {
        Path table = freshPath("empty");
        sql("CREATE TABLE delta.`" + table + "` (id BIGINT, s STRUCT<a: INT, b: ARRAY<STRING>>, p INT) USING delta PARTITIONED BY (p)");
        assertAlike(table);
        assertAlike(table, "count(*)", "max(id)", "min(p)", "count(s.a)");
        sql("INSERT INTO delta.`" + table + "` VALUES (1, NULL, 1), (2, NULL, 2)");
        sql("DELETE FROM delta.`" + table + "`");
        assertAlike(table);
        assertAlike(table, "count(*)", "max(id)", "min(p)", "count(s.a)");
        assertEquals(0, sluice(table).groupBy("p").count().count());
        assertEquals(0, sluice(table).limit(5).count());
    }

    @Test
    public void noColumns() {
        Path table = freshPath("bare");
        sql("CREATE TABLE delta.`" + table + "` USING delta");
        Failures.assertFails("DELTA_READ_TABLE_WITHOUT_COLUMNS", () -> delta(table).collect());
        Failures.assertFails("DELTA_READ_TABLE_WITHOUT_COLUMNS.*" + table.getFileName(), () -> sluice(table).collect());
        Failures.assertFails("DELTA_READ_TABLE_WITHOUT_COLUMNS.*" + table.getFileName(), () -> sluice(table).count());
        sql("ALTER TABLE delta.`" + table + "` ADD COLUMN id BIGINT");
        sql("INSERT INTO " + byPath(table) + " VALUES (1)");
        assertAlike(table);
    }

    /** Spark writes a file for an empty partition if all are, without row groups. */
    @Test
    public void filesWithoutRows() throws Exception {
        Path table = freshPath("hollow");
        spark().range(0).selectExpr("id", "CAST(id AS STRING) AS s").write().parquet(table.toString());
        spark().range(5).selectExpr("id", "CAST(id AS STRING) AS s").write().mode("append").parquet(table.toString());
        sql("CONVERT TO DELTA parquet.`" + table + "`");
        assertAlike(table);
        assertAlike(table, "count(*)", "max(id)", "min(s)");
        for (String filter : List.of("id > 2", "s IS NULL", "s = '3' AND id < 9")) {
            Rows.assertSame(filter, delta(table).where(filter), sluice(table).where(filter));
        }
        assertEquals(5, sluice(table).select("_metadata.file_name").count());
    }

    @Test
    public void longFileNames() throws Exception {
        Path table = freshPath("long");
        spark().range(0, 20, 1, 1).toDF().write().parquet(table.toString());
        try (var files = Files.list(table)) {
            Path file = files.filter(path -> path.toString().endsWith(".parquet")).findFirst().orElseThrow();
            Files.move(file, file.resolveSibling("ü +%41=".repeat(25) + ".parquet"));
        }
        try (var files = Files.list(table)) {
            files.filter(path -> path.toString().endsWith(".crc")).forEach(path -> path.toFile().delete());
        }
        sql("CONVERT TO DELTA parquet.`" + table + "`");
        assertAlike(table, "id", "_metadata.file_name", "_metadata.file_path");
    }

    @Test
    public void thousandsOfColumns() {
        String columns = IntStream.range(0, 2000).mapToObj(i -> (i % 3 == 0 ? "id + " + i : "concat('v', id, '-" + i + "')") + " AS c" + i).collect(Collectors.joining(", "));
        Path table = written(spark().range(0, 3, 1, 1).selectExpr("inline(array(struct(" + columns + ")))"));
        assertAlike(table);
        assertAlike(table, "c1999", "c0", "c1000", "c3");
        Rows.assertSame("filter", delta(table).where("c1998 = 2000 AND c1 = 'v2-1'"), sluice(table).where("c1998 = 2000 AND c1 = 'v2-1'"));
        assertTrue("one column of many", bytes(sluice(table).select("c1000")) < bytes(sluice(table)) / 1000);
    }

    @Test
    public void rowsOfManyMegabytes() {
        Path table = written(sql("SELECT 1 AS id, repeat('0123456789abcdeü', 1 << 22) AS s UNION ALL SELECT 2, 'short'"));
        assertEquals(1, delta(table).where("octet_length(s) > 64 << 20").count());
        assertAlike(table, "id", "octet_length(s) AS l", "sha2(s, 256) AS h");
        Rows.assertSame("filter", delta(table).where("s < '1'").selectExpr("id"), sluice(table).where("s < '1'").selectExpr("id"));
    }

    /** Each level with a value beside the next one. */
    @Test
    public void structsInStructs() {
        String value = "IF(id = 1, NULL, id)";
        String leaf = "n";
        for (int level = 20; level > 0; level--) {
            value = "IF(id % 23 = " + level + ", NULL, named_struct('v', concat('level " + level + " of ', id), 'n', " + value + "))";
        }
        Path table = written(spark().range(0, 60, 1, 1).selectExpr("id", value + " AS n"));
        assertAlike(table);
        for (int level : List.of(1, 5, 20)) {
            String deep = leaf + ".n".repeat(level);
            assertAlike(table, deep + " AS deep", leaf + ".n".repeat(level - 1) + ".v AS v");
            Rows.assertSame(deep, delta(table).where(deep + " IS NULL").select("id"), sluice(table).where(deep + " IS NULL").select("id"));
        }
        String bottom = leaf + ".n".repeat(20);
        Rows.assertSame(bottom, delta(table).where(bottom + " = 7 OR n.v LIKE 'level 1 of 3%'"), sluice(table).where(bottom + " = 7 OR n.v LIKE 'level 1 of 3%'"));
    }

    /** What is fetched for a leaf is no more than what the same column takes that is no part of a struct. */
    @Test
    public void leavesAloneAreFetched() {
        String text = "sha2(CAST(id AS STRING), 512)";
        Path table = written(spark().range(0, 20_000, 1, 1).selectExpr("id AS flat", "named_struct('small', id, 'large', " + text + ", 'inner', named_struct('small', id, 'large', " + text + ")) AS s",
                "array(named_struct('small', id, 'large', " + text + ")) AS l", "map('k', named_struct('small', id, 'large', " + text + ")) AS m"));
        long flat = bytes(sluice(table).select("flat"));
        long all = bytes(sluice(table));
        assertTrue(flat + " of " + all, flat > 0 && flat < all / 20);
        for (String leaf : List.of("s.small", "s.inner.small", "l.small", "l[0].small", "named_struct('x', s.small)")) {
            assertAlike(table, leaf + " AS x");
            long fetched = bytes(sluice(table).selectExpr(leaf + " AS x"));
            assertTrue(leaf + " fetched " + fetched + ", a flat column " + flat, fetched < flat + flat / 4);
        }
        long filtered = bytes(sluice(table).where("s.inner.small < 10 AND s.small IS NOT NULL").select("s.small"));
        assertTrue("a filter on leaves fetched " + filtered, filtered > 0 && filtered < flat * 3);
        assertAlike(table, "map_values(m).small AS x");
    }

    /** Delta has columns that readers on its Rust kernel refuse. */
    @Test
    public void voidColumnsAreWarnedOf() {
        String table = byPath(freshPath("void"));
        BiConsumer<String, String> warns = (statement, columns) -> {
            List<String> warnings = Warnings.of(() -> sql(statement));
            assertEquals(statement + warnings, 1, warnings.stream().filter(w -> w.contains(table) && w.contains("VOID, " + columns)).count());
        };
        warns.accept("CREATE TABLE " + table + " (id INT, v VOID, s STRUCT<a: INT, n: VOID>)", "[v, s]");
        warns.accept("ALTER TABLE " + table + " ADD COLUMNS (i INT, w VOID)", "[w]");
        warns.accept("ALTER TABLE " + table + " ADD COLUMN s.m VOID", "[m]");
        warns.accept("CREATE OR REPLACE TABLE " + table + " AS SELECT 1 AS id, NULL AS n", "[n]");
        assertEquals(List.of(), Warnings.of(() -> sql("INSERT INTO " + table + " VALUES (2, NULL)")));
        assertEquals(List.of(), Warnings.of(() -> sql("ALTER TABLE " + table + " ADD COLUMN j INT")));
    }

    /** Files would hold none of its columns, and no rows. */
    @Test
    public void onlyPartitionColumns() {
        Path dropped = freshPath("partitions");
        sql("CREATE TABLE " + byPath(dropped) + " (a INT, p STRING) PARTITIONED BY (p) TBLPROPERTIES ('delta.columnMapping.mode' = 'name')");
        sql("INSERT INTO " + byPath(dropped) + " VALUES (1, 'x')");
        sql("ALTER TABLE " + byPath(dropped) + " DROP COLUMN a");
        Path made = freshPath("partitions");
        sql("CREATE TABLE " + byPath(made) + " (p STRING, v VOID) PARTITIONED BY (p)");
        for (String write : List.of("INSERT INTO %s VALUES ('x')", "INSERT OVERWRITE %s VALUES ('x')")) {
            Failures.assertFails("DELTA_NON_PARTITION_COLUMN_ABSENT.*" + dropped.getFileName(), () -> sql(String.format(write, byPath(dropped))));
        }
        Failures.assertFails("DELTA_NON_PARTITION_COLUMN_ABSENT", () -> sql("INSERT INTO " + byPath(made) + " VALUES ('x', NULL)"));
        Path selected = freshPath("partitions");
        for (String create : List.of("CREATE TABLE ", "CREATE OR REPLACE TABLE ")) {
            Failures.assertFails("DELTA_NON_PARTITION_COLUMN_ABSENT",
                    () -> sql(create + byPath(selected) + " PARTITIONED BY (p) AS SELECT 'x' AS p, NULL AS v"));
            assertTrue(Files.notExists(selected));
        }
        assertEquals(1, sluice(dropped).collectAsList().size());
        sql("DELETE FROM " + byPath(dropped) + " WHERE p = 'x'");
        assertEquals(0, sluice(dropped).collectAsList().size());
        sql("ALTER TABLE " + byPath(dropped) + " ADD COLUMN b INT");
        sql("INSERT INTO " + byPath(dropped) + " VALUES ('y', 2)");
        assertAlike(dropped);
    }

    /** Spark's Parquet reader believes bounds that are equal, whatever number is not within. */
    @Test
    public void nansBesideOneNumber() {
        Path table = freshPath("nan");
        sql("CREATE TABLE " + byPath(table) + " (d DOUBLE, f FLOAT, s STRUCT<d: DOUBLE>)");
        sql("INSERT INTO " + byPath(table) + " SELECT /*+ COALESCE(1) */ d, float(d), struct(d) FROM VALUES (5D), (double('NaN')) AS v (d)");
        Path several = freshPath("nan");
        sql("CREATE TABLE " + byPath(several) + " AS SELECT /*+ COALESCE(1) */ d FROM VALUES (5D), (7D), (double('NaN')) AS v (d)");
        for (String filter : List.of("d > 8", "d = double('NaN')", "d > 6 AND d <> 7")) {
            assertEquals(filter, 1, delta(several).where(filter).collectAsList().size());
            assertEquals(filter, 1, spark().read().parquet(several.toString()).where(filter).collectAsList().size());
        }
        for (String filter : List.of("d > 6", "d >= 6", "d = double('NaN')", "NOT d <= 5", "f > 6", "f = float('NaN')", "s.d > 6", "d = 5", "d < 6")) {
            assertEquals(filter, 1, delta(table).where(filter).collectAsList().size());
            assertEquals(filter, 1, sluice(table).where(filter).collectAsList().size());
            assertEquals(filter, 1, spark().read().parquet(table.toString()).where(filter).collectAsList().size());
        }
    }

    /** Readers of version 1 know no column mapping, whatever the writer version stands for. */
    @Test
    public void columnMappingWhereReadersAreOld() throws Exception {
        for (String protocol : List.of("{\"minReaderVersion\":1,\"minWriterVersion\":5}", "{\"minReaderVersion\":1,\"minWriterVersion\":6}")) {
            Path altered = freshPath("old");
            Path replaced = freshPath("old");
            for (Path table : List.of(altered, replaced)) {
                sql("CREATE TABLE " + byPath(table) + " (a INT, p STRING) PARTITIONED BY (p)");
                Path commit = table.resolve("_delta_log/00000000000000000000.json");
                String before = Files.readString(commit);
                Files.writeString(commit, before.replaceAll("\"protocol\":\\{[^}]*}", java.util.regex.Matcher.quoteReplacement("\"protocol\":" + protocol)));
                Files.deleteIfExists(table.resolve("_delta_log/.00000000000000000000.json.crc"));
                Files.deleteIfExists(table.resolve("_delta_log/00000000000000000000.crc"));
                // Cached as it was.
                sql("INSERT INTO " + byPath(table) + " VALUES (1, 'x')");
            }
            sql("ALTER TABLE " + byPath(altered) + " SET TBLPROPERTIES ('delta.columnMapping.mode' = 'name')");
            sql("ALTER TABLE " + byPath(altered) + " RENAME COLUMN a TO b");
            sql("INSERT INTO " + byPath(altered) + " VALUES (2, 'y')");
            assertAlike(altered);
            assertEquals(2, sluice(altered).where("b IS NOT NULL AND p IS NOT NULL").count());
            sql("CREATE OR REPLACE TABLE " + byPath(replaced) + " PARTITIONED BY (p) TBLPROPERTIES ('delta.columnMapping.mode' = 'name') AS SELECT 3 AS a, 'z' AS p");
            assertAlike(replaced);
            assertEquals(1, sluice(replaced).where("a = 3 AND p = 'z'").count());
        }
    }
}
