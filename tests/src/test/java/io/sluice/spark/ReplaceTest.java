package io.sluice.spark;

import static io.sluice.spark.Failures.assertFails;
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
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.Test;

/** Replacing tables, in SQL and by DataFrame: one commit, the old version still there, nothing seen of a failure. */
public class ReplaceTest {
    private final Path table = freshPath("replace");
    private final String name = byPath(table);

    private static List<String> rows(Dataset<Row> data) {
        return data.collectAsList().stream().map(Row::toString).sorted().toList();
    }

    private Row last() {
        List<Row> history = history(table);
        return history.get(history.size() - 1);
    }

    private void assertLast(String operation, long version) {
        assertEquals(operation, last().getAs("operation"));
        assertEquals(version, (long) last().<Long>getAs("version"));
    }

    private Dataset<Row> at(int version) {
        return spark().read().format("delta").option("versionAsOf", version).load(table.toString());
    }

    @Test
    public void tablesAreReplacedWithData() {
        sql("CREATE TABLE " + name + " (id INT, p STRING) PARTITIONED BY (p) COMMENT 'old' TBLPROPERTIES ('old' = 'yes')");
        sql("INSERT INTO " + name + " VALUES (1, 'a'), (2, 'b')");
        sql("REPLACE TABLE " + name + " USING delta COMMENT 'new' TBLPROPERTIES ('new' = 'yes') AS SELECT 'x' AS s, 3L AS n");
        assertEquals(List.of("[x,3]"), rows(delta(table)));
        assertEquals(List.of("[1,a]", "[2,b]"), rows(at(1)));
        assertLast("REPLACE TABLE AS SELECT", 2);
        Row detail = sql("DESCRIBE DETAIL delta.`" + table + "`").first();
        assertEquals("new", detail.getAs("description"));
        assertEquals(Map.of("new", "yes"), detail.getJavaMap(detail.fieldIndex("properties")));
        assertEquals(List.of(), detail.getList(detail.fieldIndex("partitionColumns")));
        assertEquals(1L, (long) detail.<Long>getAs("numFiles"));
        Map<String, String> parameters = last().getJavaMap(last().fieldIndex("operationParameters"));
        assertEquals("new", parameters.get("description"));
        assertEquals("{\"new\":\"yes\"}", parameters.get("properties"));
        assertEquals("false", parameters.get("isManaged"));
        Map<String, String> metrics = last().getJavaMap(last().fieldIndex("operationMetrics"));
        assertEquals("2", metrics.get("numRemovedFiles"));
        assertEquals("1", metrics.get("numOutputRows"));
        sql("INSERT INTO " + name + " VALUES ('y', 4)");
        assertEquals(List.of("[x,3]", "[y,4]"), rows(delta(table)));
        sql("RESTORE TABLE delta.`" + table + "` TO VERSION AS OF 1");
        assertEquals(List.of("[1,a]", "[2,b]"), rows(delta(table)));
        sql("INSERT INTO " + name + " VALUES (5, 'c')");
        assertEquals(3, delta(table).count());
    }

    @Test
    public void tablesAreReplacedWithoutData() {
        sql("CREATE OR REPLACE TABLE " + name + " (id INT)");
        assertLast("CREATE OR REPLACE TABLE", 0);
        sql("INSERT INTO " + name + " VALUES (1)");
        sql("CREATE OR REPLACE TABLE " + name + " (key BIGINT NOT NULL, name STRING) CLUSTER BY (key)");
        assertLast("CREATE OR REPLACE TABLE", 2);
        assertEquals(0, delta(table).count());
        sql("INSERT INTO " + name + " VALUES (1, 'x')");
        sql("REPLACE TABLE " + name + " (other DATE)");
        assertLast("REPLACE TABLE", 4);
        Row detail = sql("DESCRIBE DETAIL delta.`" + table + "`").first();
        assertEquals(List.of(), detail.getList(detail.fieldIndex("clusteringColumns")));
        assertEquals(0L, (long) detail.<Long>getAs("numFiles"));
        sql("INSERT INTO " + name + " VALUES (DATE'2024-01-01')");
        assertEquals(1, delta(table).count());
        assertFails("DELTA_CLUSTERING_REPLACE_TABLE_WITH_PARTITIONED_TABLE", () -> sql("REPLACE TABLE " + name + " (a INT, b INT) PARTITIONED BY (b)"));
    }

    @Test
    public void dataFramesReplace() throws Exception {
        Dataset<Row> numbers = spark().range(3).toDF("id");
        assertFails("TABLE_OR_VIEW_NOT_FOUND|cannot be found", () -> numbers.writeTo(name).replace());
        numbers.writeTo(name).createOrReplace();
        assertLast("CREATE OR REPLACE TABLE AS SELECT", 0);
        spark().range(5).selectExpr("id AS other", "id % 2 AS p").writeTo(name).partitionedBy(org.apache.spark.sql.functions.col("p")).replace();
        assertLast("REPLACE TABLE AS SELECT", 1);
        assertEquals(List.of("other", "p"), List.of(delta(table).columns()));
        spark().range(2).toDF("id").write().format("sluice").mode("overwrite").saveAsTable(name);
        assertLast("CREATE OR REPLACE TABLE AS SELECT", 2);
        assertEquals(List.of("[0]", "[1]"), rows(delta(table)));
        assertEquals(5, at(1).count());
    }

    @Test
    public void aTableIsReplacedByItsOwnRows() {
        sql("CREATE TABLE " + name + " AS SELECT id FROM range(10)");
        sql("CREATE OR REPLACE TABLE " + name + " AS SELECT id * 2 AS doubled FROM delta.`" + table + "` WHERE id > 6");
        assertEquals(List.of("[14]", "[16]", "[18]"), rows(delta(table)));
    }

    @Test
    public void deltasTablesAreReplacedWithTheirDeletionVectors() {
        sql("CREATE TABLE delta.`" + table + "` USING delta TBLPROPERTIES ('delta.enableDeletionVectors' = 'true', 'delta.columnMapping.mode' = 'name', "
                + "'delta.enableInCommitTimestamps' = 'true') AS SELECT id, id % 3 AS `p q` FROM range(0, 100, 1, 1)");
        sql("DELETE FROM delta.`" + table + "` WHERE id < 10");
        sql("REPLACE TABLE " + name + " TBLPROPERTIES ('delta.columnMapping.mode' = 'name') AS SELECT 1 AS `the id`, 'x' AS s");
        assertEquals(List.of("[1,x]"), rows(delta(table)));
        assertEquals(90, at(1).count());
        sql("INSERT INTO " + name + " VALUES (2, 'y')");
        sql("DELETE FROM delta.`" + table + "` WHERE `the id` = 1");
        assertEquals(List.of("[2,y]"), rows(delta(table)));
        sql("RESTORE TABLE delta.`" + table + "` TO VERSION AS OF 1");
        assertEquals(90, delta(table).count());
    }

    @Test
    public void timesAndFeaturesAreTurnedOnByAReplacement() {
        sql("CREATE TABLE delta.`" + table + "` (id INT) USING delta");
        sql("REPLACE TABLE " + name + " (id INT, t TIMESTAMP_NTZ) TBLPROPERTIES ('delta.enableInCommitTimestamps' = 'true', 'delta.enableRowTracking' = 'true')");
        sql("INSERT INTO " + name + " VALUES (1, NULL)");
        sql("INSERT INTO delta.`" + table + "` VALUES (2, NULL)");
        assertEquals(2, delta(table).count());
    }

    /** As delta-spark does it: schema, properties, protocol, clustering and rows. */
    @Test
    public void everyReplacementIsAsDeltaMakesIt() {
        for (String properties : List.of("TBLPROPERTIES ('delta.enableRowTracking' = 'true')", "PARTITIONED BY (p)")) {
            Twins twins = new Twins();
            twins.create("id INT, p INT", properties, "1, 2");
            for (String replacement : List.of("REPLACE TABLE %s (id INT, p INT) USING delta", "REPLACE TABLE %s (id INT, p INT) USING delta CLUSTER BY (id)",
                    "CREATE OR REPLACE TABLE %s USING delta AS SELECT 3 AS id, 4 AS p")) {
                for (String table : List.of("delta.`" + twins.theirs + "`", byPath(twins.ours))) {
                    sql(replacement.formatted(table));
                }
                assertEquals(properties + replacement, Twins.shape(twins.theirs), Twins.shape(twins.ours));
            }
            twins.append("7, 8");
            twins.appendCrosswise("9, 10");
            twins.assertRefused("REPLACE TABLE %s (id INT, p INT) USING delta PARTITIONED BY (p)");
            twins.assertRefused("CREATE OR REPLACE TABLE %s USING delta PARTITIONED BY (p) AS SELECT 1 AS id, 2 AS p");
        }
    }

    @Test
    public void aFailedReplacementLeavesTheTable() throws Exception {
        sql("CREATE TABLE " + name + " AS SELECT id FROM range(10)");
        long files = parquetFiles();
        assertFails("no such luck", () -> sql("REPLACE TABLE " + name + " AS SELECT CAST(raise_error('no such luck') AS INT) AS x FROM range(10)"));
        assertEquals(10, delta(table).count());
        assertEquals(1, versions(table));
        assertEquals(files, parquetFiles());
    }

    @Test
    public void failedDataFramesLeaveNothing() throws Exception {
        Dataset<Row> failing = spark().range(10).selectExpr("CAST(raise_error('no such luck') AS INT) AS x");
        Path place = freshPath("failed");
        assertFails("no such luck", () -> failing.writeTo(name).create());
        assertFails("no such luck", () -> failing.writeTo(name).createOrReplace());
        assertFails("no such luck", () -> failing.write().format("delta").saveAsTable(name));
        assertFails("no such luck", () -> failing.write().format("delta").option("path", place.toString()).saveAsTable("lake." + freshName("t")));
        assertFails("no such luck", () -> failing.writeTo("lake." + freshName("nowhere") + ".t").create());
        assertFalse(spark().catalog().tableExists(name));
        assertFalse(Files.exists(table));
        assertFalse(Files.exists(place));
        sql("CREATE TABLE " + name + " AS SELECT id FROM range(10)");
        long files = parquetFiles();
        assertFails("no such luck", () -> failing.writeTo(name).replace());
        assertFails("no such luck", () -> failing.writeTo(name).createOrReplace());
        assertFails("no such luck", () -> failing.write().format("delta").mode("overwrite").saveAsTable(name));
        assertEquals(10, delta(table).count());
        assertEquals(1, versions(table));
        assertEquals(files, parquetFiles());
    }

    @Test
    public void tablesThatOnlyGrowAreNotReplaced() {
        sql("CREATE TABLE " + name + " (id INT) TBLPROPERTIES ('delta.appendOnly' = 'true')");
        assertFails("DELTA_CANNOT_MODIFY_APPEND_ONLY", () -> sql("REPLACE TABLE " + name + " (id INT)"));
    }

    @Test
    public void missingTablesAreNotReplaced() {
        assertFails("TABLE_OR_VIEW_NOT_FOUND", () -> sql("REPLACE TABLE " + name + " (id INT)"));
        assertFails("TABLE_OR_VIEW_NOT_FOUND", () -> sql("REPLACE TABLE " + name + " AS SELECT 1 AS id"));
        assertFalse(Files.exists(table));
    }

    @Test
    public void createTableAsSelectIsInTheHistoryAsDeltaWritesIt() {
        sql("CREATE TABLE " + name + " USING delta PARTITIONED BY (p) COMMENT 'c' TBLPROPERTIES ('k' = 'v') AS SELECT 1 AS id, 2 AS p");
        assertLast("CREATE TABLE AS SELECT", 0);
        Map<String, String> parameters = last().getJavaMap(last().fieldIndex("operationParameters"));
        assertEquals("[\"p\"]", parameters.get("partitionBy"));
        assertEquals("[]", parameters.get("clusterBy"));
        assertEquals("c", parameters.get("description"));
        assertTrue(parameters.containsKey("isManaged"));
    }

    private long parquetFiles() throws Exception {
        try (var files = Files.walk(table)) {
            return files.filter(file -> file.toString().endsWith(".parquet")).count();
        }
    }
}
