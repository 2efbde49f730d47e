package io.sluice.spark;

import static io.sluice.spark.ReadTest.sluice;
import static io.sluice.spark.SparkFixture.byPath;
import static io.sluice.spark.SparkFixture.delta;
import static io.sluice.spark.SparkFixture.freshName;
import static io.sluice.spark.SparkFixture.freshPath;
import static io.sluice.spark.SparkFixture.spark;
import static io.sluice.spark.SparkFixture.sql;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Encoders;
import org.junit.Test;

/** Characters that mean something in URLs and nothing in paths: a percent sign is one wherever a path stands, and a backslash too. */
public class PathEncodingTest {
    private static final List<String> NAMES = List.of("a%20b", "100%", "x%2Fy %25", "a b#c?d&e+f", "Zürich-東京 %C3%BC", "[x]{y}^|~", "c|", "t#1", "a\\b", "\\");

    private static void assertLiesAt(Path table, long rows) {
        assertTrue(table + " is not where it was wanted", Files.isDirectory(table.resolve("_delta_log")));
        Rows.assertSame(table.toString(), delta(table), sluice(table));
        assertEquals(table.toString(), rows, sluice(table).count());
    }

    @Test
    public void tablesByPath() {
        for (String name : NAMES) {
            Path table = freshPath("dir").resolve(name);
            for (int i = 0; i < 3; i++) {
                spark().range(i, i + 1).selectExpr("id", "concat('p%20', id % 2) AS p").write().format("sluice").mode("append").save(table.toString());
            }
            assertLiesAt(table, 3);
            assertEquals(1, sluice(table).where("id = 2").count());
            assertEquals(2, spark().read().format("sluice").option("versionAsOf", 1).load(table.toString()).count());
            sql("ALTER TABLE " + byPath(table) + " SET TBLPROPERTIES ('note' = '%20')");
            sql("INSERT INTO " + byPath(table) + " VALUES (100, 'x')");
            assertLiesAt(table, 4);
        }
    }

    @Test
    public void tablesOfDeltaSpark() {
        for (String name : NAMES) {
            Path table = freshPath("dir").resolve(name);
            spark().range(20).selectExpr("id", "concat(id % 2, '%2F%', id % 2) AS p").write().format("delta").partitionBy("p").save(table.toString());
            spark().range(20, 30).selectExpr("id", "'q' AS p").write().format("sluice").mode("append").save(table.toString());
            assertLiesAt(table, 30);
        }
    }

    @Test
    public void warehousesAndLocations() {
        Path root = freshPath("root").resolve("ware%20\\house");
        spark().conf().set("spark.sql.catalog.percent", SluiceCatalog.class.getName());
        spark().conf().set("spark.sql.catalog.percent.warehouse", root.toString());
        sql("CREATE TABLE percent.db.t AS SELECT id FROM range(3)");
        sql("INSERT INTO percent.db.t VALUES (7)");
        assertEquals(4, sql("SELECT * FROM percent.db.t").count());
        assertLiesAt(root.resolve("db/t"), 4);
        assertEquals("t", sql("SHOW TABLES IN percent.db").first().getAs("tableName"));
        sql("CREATE TABLE percent.db.`50%` AS SELECT id FROM range(5)");
        assertEquals(5, sql("SELECT * FROM percent.db.`50%`").count());
        sql("CREATE TABLE percent.`n\\m`.`a\\b` AS SELECT id FROM range(6)");
        assertEquals(6, sql("SELECT * FROM percent.`n\\m`.`a\\b`").count());
        assertEquals("a\\b", sql("SHOW TABLES IN percent.`n\\m`").first().getAs("tableName"));
        Path elsewhere = freshPath("elsewhere").resolve("b%20\\c");
        sql("CREATE TABLE percent.db.placed (id BIGINT) LOCATION '" + literal(elsewhere) + "'");
        sql("INSERT INTO percent.db.placed VALUES (1), (2)");
        assertEquals(2, sql("SELECT * FROM percent.db.placed").count());
        assertLiesAt(elsewhere, 2);
    }

    @Test
    public void locationsOfTheSessionCatalog() {
        Path place = freshPath("session").resolve("d%20\\e%");
        String table = freshName("percent");
        TwoSessions.sql("CREATE TABLE " + table + " (id BIGINT) USING delta LOCATION '" + literal(place) + "'");
        TwoSessions.sql("INSERT INTO " + table + " VALUES (1), (2)");
        assertEquals(2, TwoSessions.sql("SELECT * FROM " + table).count());
        assertEquals(List.of("[1]", "[2]"), TwoSessions.rows(table));
        assertLiesAt(place, 2);
        TwoSessions.sql("DROP TABLE " + table);
    }

    /** What a text of SQL needs to be that path. */
    private static String literal(Path path) {
        return path.toString().replace("\\", "\\\\");
    }

    @Test
    public void valuesOfPartitions() {
        Path table = freshPath("partitions").resolve("a\\b");
        spark().createDataset(List.of("a\\b", "\\", "c|", "t#1", "..\\x"), Encoders.STRING()).toDF("p").selectExpr("1 AS id", "p")
                .write().format("sluice").partitionBy("p").save(table.toString());
        assertLiesAt(table, 5);
        assertEquals(1, sluice(table).where("p = 'a\\\\b'").count());
        sql("DELETE FROM " + byPath(table) + " WHERE p = '\\\\'");
        assertLiesAt(table, 4);
    }

    /** Parquet files of no table's, which are read natively for a write. */
    @Test
    public void filesOfNoTable() {
        for (String name : NAMES) {
            Path source = freshPath("files").resolve(name);
            spark().range(7).write().parquet(source.toString());
            Path table = freshPath("dir").resolve(name);
            String glob = source.toString().replaceAll("[\\[\\]{}*?\\\\]", "\\\\$0");
            spark().read().parquet(glob).write().format("sluice").save(table.toString());
            assertLiesAt(table, 7);
        }
    }

    /** Such a path would be another one's to the file system, and is refused before anything is there. */
    @Test
    public void pathsThatAreNone() {
        Path parent = freshPath("none");
        for (String name : List.of("a\tb", "a\u0001b", "half\uD800", "\u007F")) {
            String path = parent + "/" + name;
            Failures.assertFails("SLUICE_INVALID_PATH", () -> spark().range(1).write().format("sluice").save(path));
            Failures.assertFails("SLUICE_INVALID_PATH", () -> sql("CREATE TABLE lake.delta.`" + path + "` (id INT)"));
            assertTrue(path, Files.notExists(parent));
        }
    }

    /** Files that others have named. */
    @Test
    public void fileNames() throws Exception {
        Path table = freshPath("names");
        Path source = freshPath("source");
        spark().range(10).coalesce(1).write().parquet(source.toString());
        Files.createDirectories(table);
        Path file;
        try (var files = Files.list(source)) {
            file = files.filter(f -> f.toString().endsWith(".parquet")).findFirst().orElseThrow();
        }
        for (String name : List.of("a%20b.parquet", "with space.parquet", "ü+#?&.parquet", "100%.parquet", "a\\b.parquet", "t#1.parquet")) {
            Files.copy(file, table.resolve(name));
        }
        sql("CONVERT TO DELTA parquet.`" + table + "`");
        assertLiesAt(table, 60);
        String[] facts = {"id", "_metadata.file_path", "_metadata.file_name"};
        Rows.assertSame("facts", delta(table).selectExpr(facts), sluice(table).selectExpr(facts));
    }
}
