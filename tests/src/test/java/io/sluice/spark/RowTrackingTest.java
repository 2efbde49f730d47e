package io.sluice.spark;

import static io.sluice.spark.Failures.assertFails;
import static io.sluice.spark.ReadTest.sluice;
import static io.sluice.spark.SparkFixture.byPath;
import static io.sluice.spark.SparkFixture.delta;
import static io.sluice.spark.SparkFixture.freshPath;
import static io.sluice.spark.SparkFixture.spark;
import static io.sluice.spark.SparkFixture.sql;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNotEquals;
import static org.junit.Assert.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.Test;

/** Row ids and commit versions, as delta-spark shows them after each kind of change. */
public class RowTrackingTest {
    private static final String[] TRACKED = {"id", "s", "_metadata.row_id", "_metadata.row_commit_version", "_metadata.base_row_id",
        "_metadata.default_row_commit_version", "_metadata.row_index"};

    private static Path create(String columns, String rest, String... properties) {
        Path table = freshPath("tracked");
        sql("CREATE TABLE delta.`" + table + "` (" + columns + ") USING delta " + rest
                + " TBLPROPERTIES ('delta.enableRowTracking' = 'true'" + String.join("", properties) + ")");
        return table;
    }

    private static void change(Path table, String statement) {
        sql(statement.replace("$t", "delta.`" + table + "`"));
        assertTrackedAlike(statement, table);
    }

    private static void assertTrackedAlike(String what, Path table) {
        Rows.assertSame(what, delta(table).selectExpr(TRACKED), sluice(table).selectExpr(TRACKED));
    }

    private static long stored(Path table) {
        return sluice(table).where("_metadata.row_id <> _metadata.base_row_id + _metadata.row_index").count();
    }

    @Test
    public void everyChange() {
        changed("true", "none");
        changed("false", "name");
        changed("true", "id");
    }

    private static void changed(String vectors, String mapping) {
        Path table = create("id BIGINT, s STRING, p INT", "PARTITIONED BY (p)", ", 'delta.enableDeletionVectors' = '", vectors,
                "', 'delta.columnMapping.mode' = '", mapping, "'");
        change(table, "INSERT INTO $t SELECT id, concat('v', id), CAST(id % 2 AS INT) FROM range(0, 3000, 1, 2)");
        change(table, "INSERT INTO $t SELECT id, 'second', 1 FROM range(3000, 3100, 1, 1)");
        change(table, "DELETE FROM $t WHERE id % 7 = 3");
        change(table, "UPDATE $t SET s = 'changed' WHERE id BETWEEN 100 AND 900 AND id % 3 = 0");
        assertTrue("ids of rows moved are kept in files", stored(table) > 0);
        change(table, "MERGE INTO $t t USING (SELECT id * 5 AS id FROM range(800)) u ON t.id = u.id"
                + " WHEN MATCHED AND t.id % 2 = 0 THEN DELETE WHEN MATCHED THEN UPDATE SET s = 'merged'"
                + " WHEN NOT MATCHED THEN INSERT (id, s, p) VALUES (u.id, 'new', 2)");
        change(table, "OPTIMIZE $t");
        change(table, "INSERT INTO $t VALUES (9999, 'last', 0)");
        String[] few = {"_metadata.row_commit_version AS v", "id"};
        Rows.assertSame("pruned", delta(table).selectExpr(few), sluice(table).selectExpr(few));
        assertEquals("ids differ", sluice(table).count(), sluice(table).selectExpr("_metadata.row_id").distinct().count());
        assertEquals(delta(table).where("_metadata.row_commit_version = 3").count(), sluice(table).where("_metadata.row_commit_version = 3").count());
    }

    @Test
    public void batchesThatMixStoredAndDefaultValues() {
        Path table = create("id BIGINT, s STRING", "", ", 'delta.enableDeletionVectors' = 'false'");
        change(table, "INSERT INTO $t SELECT id, 'a' FROM range(0, 20000, 1, 1)");
        change(table, "MERGE INTO $t t USING (SELECT id * 2 AS id FROM range(12000)) u ON t.id = u.id"
                + " WHEN MATCHED THEN UPDATE SET s = 'b' WHEN NOT MATCHED THEN INSERT (id, s) VALUES (u.id, 'c')");
        Dataset<Row> rows = sluice(table);
        assertNotEquals(0, rows.where("s = 'c' AND _metadata.row_commit_version = 2").count());
        assertEquals(10000, rows.where("s = 'a' AND _metadata.row_commit_version = 1").count());
    }

    @Test
    public void tablesOfOurs() {
        Path table = freshPath("tracked");
        sql("CREATE TABLE " + byPath(table) + " (id BIGINT, s STRING) TBLPROPERTIES ('delta.enableRowTracking' = 'true')");
        sql("INSERT INTO " + byPath(table) + " SELECT id, 'x' FROM range(0, 500, 1, 2)");
        sql("INSERT INTO " + byPath(table) + " SELECT id, 'y' FROM range(500, 600)");
        assertTrackedAlike("appended by us", table);
        change(table, "UPDATE $t SET s = 'z' WHERE id % 10 = 0");
    }

    @Test
    public void onlyWhereRowsAreTracked() {
        Path table = freshPath("untracked");
        sql("CREATE TABLE delta.`" + table + "` (id BIGINT) USING delta");
        sql("INSERT INTO delta.`" + table + "` VALUES (1)");
        for (String field : List.of("row_id", "row_commit_version", "base_row_id", "default_row_commit_version")) {
            assertFails("FIELD_NOT_FOUND.*" + field, () -> delta(table).selectExpr("_metadata." + field).collect());
            assertFails("FIELD_NOT_FOUND.*" + field, () -> sluice(table).selectExpr("_metadata." + field).collect());
        }
        sql("ALTER TABLE delta.`" + table + "` SET TBLPROPERTIES ('delta.enableRowTracking' = 'true')");
        sql("INSERT INTO delta.`" + table + "` VALUES (2)");
        String[] fields = {"id", "_metadata.row_id", "_metadata.row_commit_version"};
        Rows.assertSame("tracked since", delta(table).selectExpr(fields), sluice(table).selectExpr(fields));
        var before = spark().read().format("sluice").option("versionAsOf", 1).load(table.toString());
        assertFails("FIELD_NOT_FOUND", () -> before.selectExpr("_metadata.row_id").collect());
    }

    @Test
    public void turnedOnForATableWithRows() {
        Path table = freshPath("tracked");
        sql("CREATE TABLE delta.`" + table + "` (id BIGINT, s STRING, p STRING) USING delta PARTITIONED BY (p)"
                + " TBLPROPERTIES ('delta.enableDeletionVectors' = 'true', 'delta.columnMapping.mode' = 'name')");
        sql("INSERT INTO delta.`" + table + "` SELECT id, 'a', IF(id % 2 = 0, NULL, 'p') FROM range(0, 100, 1, 2)");
        sql("DELETE FROM delta.`" + table + "` WHERE id % 10 = 3");
        sql("OPTIMIZE delta.`" + table + "` WHERE p = 'p'");
        List<String> before = TwoSessions.sorted(delta(table));
        sql("ALTER TABLE " + byPath(table) + " SET TBLPROPERTIES ('delta.enableRowTracking' = 'true')");
        assertEquals("one commit", "SET TBLPROPERTIES", Twins.last(table).getAs("operation"));
        assertEquals(before, TwoSessions.sorted(delta(table)));
        assertTrackedAlike("turned on by us", table);
        sql("INSERT INTO " + byPath(table) + " VALUES (1000, 'ours', 'q')");
        change(table, "INSERT INTO $t VALUES (1001, 'theirs', 'q')");
        change(table, "UPDATE $t SET s = 'z' WHERE id % 4 = 0");
        assertEquals("ids differ", sluice(table).count(), sluice(table).selectExpr("_metadata.row_id").distinct().count());
        sql("ALTER TABLE " + byPath(table) + " SET TBLPROPERTIES ('delta.enableRowTracking' = 'false')");
        sql("ALTER TABLE delta.`" + table + "` SET TBLPROPERTIES ('delta.enableRowTracking' = 'true')");
        assertTrackedAlike("and off and on again", table);
    }

    @Test
    public void idsGoOnInAReplacement() {
        Path table = create("id BIGINT, s STRING", "");
        change(table, "INSERT INTO $t SELECT id, 'a' FROM range(0, 100, 1, 2)");
        sql("CREATE OR REPLACE TABLE " + byPath(table) + " TBLPROPERTIES ('delta.enableRowTracking' = 'true') AS SELECT id, 'b' AS s FROM range(0, 10, 1, 2)");
        assertTrackedAlike("replaced", table);
        assertEquals("no id is used twice", 100L, sluice(table).selectExpr("min(_metadata.row_id)").first().getLong(0));
        assertEquals(2L, sluice(table).selectExpr("max(_metadata.row_commit_version)").first().getLong(0));
        change(table, "INSERT INTO $t VALUES (1000, 'theirs')");
        sql("REPLACE TABLE " + byPath(table) + " (id BIGINT, s STRING)");
        sql("INSERT INTO " + byPath(table) + " VALUES (1, 'untracked')");
        sql("INSERT INTO delta.`" + table + "` VALUES (2, 'untracked')");
        sql("ALTER TABLE delta.`" + table + "` SET TBLPROPERTIES ('delta.enableRowTracking' = 'true')");
        assertTrackedAlike("turned on once more", table);
        assertEquals(111L, sluice(table).selectExpr("min(_metadata.row_id)").first().getLong(0));
    }

    @Test
    public void filesOfUnknownLengthGetNoIds() throws Exception {
        Path table = freshPath("untracked");
        sql("CREATE TABLE delta.`" + table + "` (id BIGINT) USING delta");
        spark().conf().set("spark.databricks.delta.stats.collect", "false");
        try {
            sql("INSERT INTO delta.`" + table + "` VALUES (1)");
        } finally {
            spark().conf().unset("spark.databricks.delta.stats.collect");
        }
        assertFails("DELTA_ROW_ID_ASSIGNMENT_WITHOUT_STATS", () -> sql("ALTER TABLE " + byPath(table) + " SET TBLPROPERTIES ('delta.enableRowTracking' = 'true')"));
        assertEquals("WRITE", Twins.last(table).getAs("operation"));
    }
}
