package io.sluice.spark;

import static io.sluice.spark.Failures.assertFails;
import static io.sluice.spark.Failures.assertRefused;
import static io.sluice.spark.SparkFixture.byPath;
import static io.sluice.spark.SparkFixture.delta;
import static io.sluice.spark.SparkFixture.freshName;
import static io.sluice.spark.SparkFixture.freshPath;
import static io.sluice.spark.SparkFixture.history;
import static io.sluice.spark.SparkFixture.spark;
import static io.sluice.spark.SparkFixture.sql;
import static io.sluice.spark.SparkFixture.versions;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Row;
import org.junit.Test;

/** Spark's save modes, by path and by table, where there is a table and where there is none. */
public class SaveModeTest {
    private final Path path = freshPath("save");
    private final String table = "lake." + freshName("saved");

    private static DataFrameWriter<Row> rows(String mode) {
        return spark().range(3).selectExpr("id", "id % 2 AS p").write().format("sluice").mode(mode);
    }

    private void save(String mode) {
        rows(mode).save(path.toString());
    }

    @Test
    public void anyModeCreatesAMissingTable() {
        for (String mode : List.of("append", "overwrite", "error", "ignore")) {
            Path missing = freshPath("missing_" + mode);
            rows(mode).save(missing.toString());
            assertEquals(mode, 3, delta(missing).count());
            assertEquals(mode, "id LONG, p LONG", columns(missing));
            assertEquals(mode, List.of("CREATE TABLE AS SELECT"), history(missing).stream().map(row -> row.<String>getAs("operation")).toList());
        }
    }

    private static String columns(Path table) {
        return String.join(", ", List.of(delta(table).schema().fields()).stream().map(f -> f.name() + " " + f.dataType().typeName().toUpperCase(java.util.Locale.ROOT)).toList());
    }

    @Test
    public void anExistingTableIsAppendedToOverwrittenOrLeft() {
        save("append");
        save("append");
        assertEquals(6, delta(path).count());
        save("ignore");
        assertEquals(6, delta(path).count());
        assertFails("TABLE_OR_VIEW_ALREADY_EXISTS", () -> save("error"));
        assertFails("TABLE_OR_VIEW_ALREADY_EXISTS", () -> save("errorifexists"));
        save("overwrite");
        assertEquals(3, delta(path).count());
        assertEquals(3, versions(path));
        assertFails("INCOMPATIBLE_DATA_FOR_TABLE|CANNOT_FIND_DATA", () -> spark().range(1).selectExpr("'x' AS id", "0L AS p").write().format("sluice").mode("append").save(path.toString()));
    }

    @Test
    public void partitionsAreSaidWhereTheTableIsCreated() {
        assertFails("DELTA_PATH_DOES_NOT_EXIST", () -> rows("append").partitionBy("p").save(path.toString()));
        assertFalse(Files.exists(path));
        rows("ignore").partitionBy("p").save(path.toString());
        assertTrue(Files.exists(path.resolve("p=1")));
        rows("append").partitionBy("p").save(path.toString());
        save("append");
        assertEquals(9, delta(path).count());
        assertFails("partitioning", () -> rows("append").partitionBy("id").save(path.toString()));
    }

    @Test
    public void anOverwriteOfNothingCreates() {
        assertRefused("SLUICE_UNSUPPORTED_OPTION", () -> rows("overwrite").option("replaceWhere", "p = 1").save(path.toString()));
        assertFalse(Files.exists(path));
        rows("overwrite").option("partitionOverwriteMode", "dynamic").save(path.toString());
        assertEquals(3, delta(path).count());
    }

    @Test
    public void aTableMadeAnewKeepsNoPartitions() {
        rows("error").saveAsTable(table);
        assertRefused("SLUICE_UNSUPPORTED_OPTION", () -> rows("overwrite").option("partitionOverwriteMode", "dynamic").saveAsTable(table));
        assertRefused("SLUICE_UNSUPPORTED_OPTION", () -> rows("overwrite").option("replaceWhere", "p = 1").saveAsTable(table));
        assertEquals(3, sql("SELECT * FROM " + table).count());
    }

    /** Delta's options about columns ask for what a table made anew does anyway, or for what it cannot do. */
    @Test
    public void aTableMadeAnewHasTheColumnsOfTheRows() {
        rows("error").option("mergeSchema", "true").saveAsTable(table);
        spark().range(2).selectExpr("id AS other").write().format("sluice").mode("overwrite").option("overwriteSchema", "true").saveAsTable(table);
        assertEquals(List.of("[0]", "[1]"), sql("SELECT other FROM " + table + " ORDER BY 1").collectAsList().stream().map(Object::toString).toList());
        assertRefused("SLUICE_UNSUPPORTED_OPTION", () -> rows("overwrite").option("overwriteSchema", "false").saveAsTable(table));
        rows("overwrite").option("overwriteSchema", "false").save(path.toString());
        assertRefused("SLUICE_UNSUPPORTED_OPTION", () -> rows("overwrite").option("overwriteSchema", "true").save(path.toString()));
        assertEquals(3, delta(path).count());
        assertEquals(2, sql("SELECT other FROM " + table).count());
    }

    @Test
    public void onlySavingCreates() {
        assertFails("TABLE_OR_VIEW_NOT_FOUND", () -> spark().range(1).writeTo(byPath(path)).append());
        assertFails("TABLE_OR_VIEW_NOT_FOUND", () -> sql("INSERT INTO " + byPath(path) + " VALUES (1)"));
        assertFails("TABLE_OR_VIEW_NOT_FOUND", () -> sql("SELECT * FROM " + byPath(path)));
        assertFails("DELTA_PATH_DOES_NOT_EXIST", () -> spark().read().format("sluice").load(path.toString()));
        assertFails("DELTA_PATH_DOES_NOT_EXIST|TABLE_OR_VIEW_NOT_FOUND", () -> spark().read().format("sluice").option("versionAsOf", 0).load(path.toString()));
        assertFalse(Files.exists(path));
    }

    @Test
    public void aFailureLeavesNothing() {
        assertFails("no luck", () -> spark().range(2).selectExpr("CAST(raise_error('no luck') AS INT) AS x").write().format("sluice").mode("append").save(path.toString()));
        assertFalse(Files.exists(path));
        assertRefused("DELTA_INVALID_CHARACTERS_IN_COLUMN_NAMES", () -> spark().range(2).selectExpr("id AS `a b`").write().format("sluice").mode("append").save(path.toString()));
        assertFalse(Files.exists(path));
    }

    @Test
    public void whatIsCachedIsReadAnew() {
        save("append");
        var cached = spark().read().format("sluice").load(path.toString()).cache();
        assertEquals(3, cached.count());
        save("append");
        assertEquals(6, spark().read().format("sluice").load(path.toString()).count());
        cached.unpersist();
    }

    @Test
    public void tablesAreSavedByName() {
        rows("append").saveAsTable(table);
        rows("append").saveAsTable(table);
        rows("ignore").saveAsTable(table);
        assertEquals(6, sql("SELECT * FROM " + table).count());
        assertFails("TABLE_OR_VIEW_ALREADY_EXISTS", () -> rows("error").saveAsTable(table));
        rows("overwrite").partitionBy("p").saveAsTable(table);
        assertEquals(3, sql("SELECT * FROM " + table).count());
        spark().range(3, 4).selectExpr("1L AS p", "id").write().format("sluice").mode("append").saveAsTable(table);
        assertEquals("by name", "[3,1]", sql("SELECT * FROM " + table + " WHERE id = 3").first().toString());
        spark().range(4, 5).selectExpr("id AS x", "0L AS y").write().insertInto(table);
        assertEquals("by position", "[4,0]", sql("SELECT * FROM " + table + " WHERE id = 4").first().toString());
        for (String mode : List.of("ignore", "error", "overwrite")) {
            rows(mode).saveAsTable(table + "_" + mode);
            assertEquals(mode, 3, sql("SELECT * FROM " + table + "_" + mode).count());
        }
    }

    /** As the threads of a pool that is older than the session, and those of PySpark. */
    @Test
    public void threadsWithoutASessionSave() throws Exception {
        spark();
        var failure = new java.util.concurrent.atomic.AtomicReference<Throwable>();
        var rows = rows("append");
        Thread thread = new Thread(() -> {
            org.apache.spark.sql.SparkSession.clearActiveSession();
            try {
                rows.save(path.toString());
                rows.save(path.toString());
            } catch (Throwable e) {
                failure.set(e);
            }
        });
        thread.start();
        thread.join();
        assertEquals(null, failure.get());
        assertEquals(6, delta(path).count());
        assertTrue("no catalog was registered", spark().conf().getOption("spark.sql.catalog.sluice").isEmpty());
    }
}
