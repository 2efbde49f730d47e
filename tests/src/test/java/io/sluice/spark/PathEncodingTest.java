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
import org.junit.Test;

/** Paths that look encoded and are not: a percent sign is one, wherever a path stands. */
public class PathEncodingTest {
    private static final List<String> NAMES = List.of("a%20b", "100%", "x%2Fy %25", "a b#c?d&e+f", "Zürich-東京 %C3%BC", "[x]{y}^|~");

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
        Path root = freshPath("root").resolve("ware%20house");
        spark().conf().set("spark.sql.catalog.percent", SluiceCatalog.class.getName());
        spark().conf().set("spark.sql.catalog.percent.warehouse", root.toString());
        sql("CREATE TABLE percent.db.t AS SELECT id FROM range(3)");
        sql("INSERT INTO percent.db.t VALUES (7)");
        assertEquals(4, sql("SELECT * FROM percent.db.t").count());
        assertLiesAt(root.resolve("db/t"), 4);
        assertEquals("t", sql("SHOW TABLES IN percent.db").first().getAs("tableName"));
        sql("CREATE TABLE percent.db.`50%` AS SELECT id FROM range(5)");
        assertEquals(5, sql("SELECT * FROM percent.db.`50%`").count());
        Path elsewhere = freshPath("elsewhere").resolve("b%20c");
        sql("CREATE TABLE percent.db.placed (id BIGINT) LOCATION '" + elsewhere + "'");
        sql("INSERT INTO percent.db.placed VALUES (1), (2)");
        assertEquals(2, sql("SELECT * FROM percent.db.placed").count());
        assertLiesAt(elsewhere, 2);
    }

    @Test
    public void locationsOfTheSessionCatalog() {
        Path place = freshPath("session").resolve("d%20e%");
        String table = freshName("percent");
        TwoSessions.sql("CREATE TABLE " + table + " (id BIGINT) USING delta LOCATION '" + place + "'");
        TwoSessions.sql("INSERT INTO " + table + " VALUES (1), (2)");
        assertEquals(2, TwoSessions.sql("SELECT * FROM " + table).count());
        assertEquals(List.of("[1]", "[2]"), TwoSessions.rows(table));
        assertLiesAt(place, 2);
        TwoSessions.sql("DROP TABLE " + table);
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
        for (String name : List.of("a%20b.parquet", "with space.parquet", "ü+#?&.parquet", "100%.parquet")) {
            Files.copy(file, table.resolve(name));
        }
        sql("CONVERT TO DELTA parquet.`" + table + "`");
        assertLiesAt(table, 40);
        String[] facts = {"id", "_metadata.file_path", "_metadata.file_name"};
        Rows.assertSame("facts", delta(table).selectExpr(facts), sluice(table).selectExpr(facts));
    }
}
