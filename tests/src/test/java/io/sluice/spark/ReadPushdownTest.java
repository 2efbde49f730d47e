package io.sluice.spark;

import static io.sluice.spark.ReadTest.sluice;
import static io.sluice.spark.SparkFixture.delta;
import static io.sluice.spark.SparkFixture.freshPath;
import static io.sluice.spark.SparkFixture.spark;
import static io.sluice.spark.SparkFixture.sql;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.execution.SparkPlan;
import org.junit.BeforeClass;
import org.junit.Test;
import scala.jdk.javaapi.CollectionConverters;

/** What a scan leaves unread, and that the answer stays the same. */
public class ReadPushdownTest {
    private static final Pattern FILES = Pattern.compile("\\((\\d+) files\\)");
    private static Path table;

    /** Ten files, two of each partition, with ids in order. */
    @BeforeClass
    public static void prepare() {
        table = freshPath("pushdown");
        sql("CREATE TABLE delta.`" + table + "` (id BIGINT, i INT, f DOUBLE, s STRING, d DECIMAL(10,2), t TIMESTAMP, dt DATE, b BOOLEAN,"
                + " n STRUCT<x: INT>, p STRING, q INT) USING delta PARTITIONED BY (p, q)");
        for (int file = 0; file < 10; file++) {
            String p = file % 5 == 4 ? "NULL" : "'p" + file % 5 + "'";
            sql("INSERT INTO delta.`" + table + "` SELECT id, CAST(id AS INT), IF(id % 50 = 0, double('NaN'), id / 2),"
                    + " IF(id % 10 = 0, NULL, concat('s', lpad(id, 5, '0'))), id * 1.25, timestamp'2024-01-01' + make_interval(0, 0, 0, id),"
                    + " date_add(date'2024-01-01', CAST(id AS INT)), id % 2 = 0, named_struct('x', CAST(id AS INT)), " + p + ", " + file
                    + " FROM range(" + file * 100 + ", " + (file + 1) * 100 + ", 1, 1)");
        }
    }

    private static long files(Dataset<Row> query) {
        Matcher found = FILES.matcher(query.queryExecution().executedPlan().toString());
        assertTrue(query.queryExecution().executedPlan().toString(), found.find());
        return Long.parseLong(found.group(1));
    }

    private static void assertSame(String filter) {
        Rows.assertSame(filter, delta(table).where(filter), sluice(table).where(filter));
    }

    @Test
    public void filtersKeepTheirRows() {
        for (String filter : List.of("id = 250", "id <> 250", "250 > id", "id BETWEEN 100 AND 199", "id IN (1, 150, 999)", "NOT id IN (1, 150)",
                "i < 5 OR i >= 995", "NOT (i < 5 OR i >= 995)", "f > 498", "f >= double('NaN')", "f = 10.5", "f <= 0", "NOT f < 490", "f <> 3",
                "s IS NULL", "s IS NOT NULL AND s < 's00005'", "s LIKE 's0012%'", "s <=> NULL", "s <=> 's00011'", "NOT s <=> 's00011'",
                "d = 12.50", "d > 1240", "t >= timestamp'2024-09-01'", "dt = date'2024-02-01'", "b", "NOT b AND id > 990", "n.x = 77",
                "n.x IS NULL", "n IS NOT NULL", "p = 'p1'", "p <> 'p1'", "p IS NULL", "p IS NOT NULL AND q > 6", "p IN ('p0', 'p3') OR q = 9",
                "NOT (p = 'p1' OR p = 'p2')", "p > 'p1' AND id < 300", "p LIKE 'p%'", "q IN (1, 2)", "q + 1 = 3", "p = 'p1' OR id = 5",
                "p <=> NULL", "length(p) = 2", "q = 1.0", "p = ''", "id > 10 AND p = 'nowhere'", "false", "id = NULL")) {
            assertSame(filter);
        }
    }

    @Test
    public void filesAreSkipped() {
        assertEquals(10, files(sluice(table)));
        assertEquals(1, files(sluice(table).where("id = 250")));
        assertEquals(2, files(sluice(table).where("i IN (1, 150)")));
        assertEquals(2, files(sluice(table).where("p = 'p1'")));
        assertEquals(2, files(sluice(table).where("p IS NULL")));
        assertEquals(8, files(sluice(table).where("p IS NOT NULL")));
        assertEquals(1, files(sluice(table).where("p = 'p1' AND q > 1")));
        assertEquals(1, files(sluice(table).where("s LIKE 's0012%'")));
        assertEquals(1, files(sluice(table).where("n.x = 77")));
        assertEquals(0, files(sluice(table).where("id > 5000")));
        assertEquals("NaN is greater than all", 10, files(sluice(table).where("f > 498")));
    }

    @Test
    public void partitionFiltersAreNotEvaluatedAgain() {
        String exact = sluice(table).where("p = 'p1' AND q > 1").queryExecution().executedPlan().toString();
        assertFalse(exact, exact.contains("Filter ("));
        String inexact = sluice(table).where("p = 'p1' AND id > 1").queryExecution().executedPlan().toString();
        assertTrue(inexact, inexact.contains("Filter ("));
    }

    @Test
    public void limitsReadFewFiles() {
        assertEquals(1, files(sluice(table).limit(7)));
        assertEquals(7, sluice(table).limit(7).count());
        assertEquals(2, files(sluice(table).limit(101)));
        assertEquals(1, files(sluice(table).where("p = 'p1'").limit(3)));
        assertEquals(3, sluice(table).where("id % 100 = 7").limit(3).collectAsList().size());
    }

    private static void assertAnswered(boolean fromLog, String query) {
        sluice(table).createOrReplaceTempView("ours");
        delta(table).createOrReplaceTempView("theirs");
        Dataset<Row> answer = sql(query.replace("$t", "ours"));
        Rows.assertSame(query, sql(query.replace("$t", "theirs")), answer);
        String plan = answer.queryExecution().executedPlan().toString();
        assertEquals(plan, fromLog, plan.contains("LocalTableScan"));
    }

    @Test
    public void aggregatesComeFromTheLogWhereItIsExact() {
        assertAnswered(true, "SELECT count(*) AS c FROM $t");
        assertAnswered(true, "SELECT count(1) AS c, min(id) AS a, max(i) AS b, min(dt) AS d, count(s) AS e FROM $t");
        assertAnswered(true, "SELECT count(*) AS c, max(id) AS m FROM $t WHERE p = 'p1'");
        assertAnswered(true, "SELECT count(*) AS c, max(id) AS m FROM $t WHERE p = 'nowhere'");
        assertAnswered(false, "SELECT count(*) AS c FROM $t WHERE id > 50");
        assertAnswered(false, "SELECT max(s) AS c FROM $t");
        assertAnswered(false, "SELECT max(f) AS c FROM $t");
        assertAnswered(false, "SELECT max(t) AS c FROM $t");
        assertAnswered(false, "SELECT count(DISTINCT i) AS c FROM $t");
        assertAnswered(false, "SELECT sum(i) AS c FROM $t");
        assertAnswered(true, "SELECT min(q) AS a, max(q) AS b, count(q) AS c, count(p) AS d, max(id) AS e FROM $t");
        assertAnswered(true, "SELECT p, max(q) AS b FROM $t GROUP BY p");
        assertAnswered(true, "SELECT max(q) AS b FROM $t WHERE p IS NULL");
        assertAnswered(false, "SELECT max(p) AS c FROM $t");
    }

    @Test
    public void groupsOfPartitionsComeFromTheLog() {
        assertAnswered(true, "SELECT p, count(*) AS c FROM $t GROUP BY p");
        assertAnswered(true, "SELECT q, p, count(*) AS c, min(id) AS a, max(dt) AS b, count(s) AS d FROM $t GROUP BY p, q");
        assertAnswered(true, "SELECT q, max(i) AS m FROM $t WHERE p = 'p1' GROUP BY q");
        assertAnswered(true, "SELECT p, count(*) AS c FROM $t WHERE p = 'nowhere' GROUP BY p");
        assertAnswered(true, "SELECT DISTINCT p FROM $t");
        assertAnswered(false, "SELECT p, i, count(*) AS c FROM $t GROUP BY p, i");
        assertAnswered(false, "SELECT length(p) AS l, count(*) AS c FROM $t GROUP BY length(p)");
        assertAnswered(false, "SELECT p, max(s) AS c FROM $t GROUP BY p");
        assertAnswered(false, "SELECT p, count(*) AS c FROM $t WHERE id > 50 GROUP BY p");
    }

    @Test
    public void groupsOfEveryKeyType() {
        for (String type : List.of("INT", "STRING", "DATE", "TIMESTAMP", "TIMESTAMP_NTZ", "DECIMAL(30,3)", "DECIMAL(5,1)", "BOOLEAN", "TINYINT", "SMALLINT", "BIGINT", "DOUBLE", "BINARY")) {
            Path keyed = freshPath("keyed");
            sql("CREATE TABLE delta.`" + keyed + "` (id BIGINT, k " + type + ") USING delta PARTITIONED BY (k) TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')");
            String key = type.matches("DATE|TIMESTAMP.*") ? "CAST(timestamp_seconds(id % 3 * 86400) AS " + type + ")"
                    : type.equals("BINARY") ? "CAST(CAST(id % 3 AS STRING) AS BINARY)" : "CAST(id % 3 AS " + type + ")";
            for (int from : List.of(0, 10)) {
                sql("INSERT INTO delta.`" + keyed + "` SELECT id, IF(id % 4 = 3, NULL, " + key + ") FROM range(" + from + ", " + (from + 10) + ")");
            }
            sql("DELETE FROM delta.`" + keyed + "` WHERE id % 3 = 1 OR id = 2");
            sluice(keyed).createOrReplaceTempView("ours");
            delta(keyed).createOrReplaceTempView("theirs");
            Dataset<Row> ours = sql("SELECT k, count(*) AS c FROM ours GROUP BY k");
            Rows.assertSame(type, sql("SELECT k, count(*) AS c FROM theirs GROUP BY k"), ours);
            String plan = ours.queryExecution().executedPlan().toString();
            assertEquals(plan, !type.matches("DOUBLE|BINARY"), plan.contains("LocalTableScan"));
        }
    }

    @Test
    public void deletionVectorsLoosenBounds() {
        Path deleted = freshPath("loose");
        sql("CREATE TABLE delta.`" + deleted + "` (id BIGINT) USING delta TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')");
        sql("INSERT INTO delta.`" + deleted + "` SELECT id FROM range(0, 100, 1, 1)");
        sql("DELETE FROM delta.`" + deleted + "` WHERE id > 90");
        Dataset<Row> rows = sluice(deleted);
        assertEquals("[91]", rows.selectExpr("count(*)").first().toString());
        assertEquals("[90,91]", rows.selectExpr("max(id)", "count(id)").first().toString());
        String plan = rows.selectExpr("max(id)").queryExecution().executedPlan().toString();
        assertFalse(plan, plan.contains("LocalTableScan"));
    }

    @Test
    public void joinsPruneAtRunTime() {
        sluice(table).createOrReplaceTempView("facts");
        Path dimension = freshPath("dimension");
        sql("SELECT * FROM VALUES (1, 'x'), (7, 'y'), (3, 'z') AS d(k, name)").write().format("delta").save(dimension.toString());
        delta(dimension).createOrReplaceTempView("dimension");
        String query = "SELECT f.id, name FROM facts f JOIN (SELECT * FROM dimension WHERE name < 'z') d ON f.q = d.k";
        Dataset<Row> joined = sql(query);
        assertEquals(200, joined.collectAsList().size());
        String plan = joined.queryExecution().executedPlan().toString();
        assertTrue(plan, plan.contains("dynamicpruning"));
        spark().conf().set("spark.sql.adaptive.enabled", "false");
        try {
            long pruned = fetched(sql(query));
            spark().conf().set("spark.sql.optimizer.dynamicPartitionPruning.enabled", "false");
            long all = fetched(sql(query));
            assertTrue(pruned + " of " + all + " bytes, for two files of ten", pruned > 0 && pruned * 4 < all);
        } finally {
            spark().conf().unset("spark.sql.optimizer.dynamicPartitionPruning.enabled");
            spark().conf().unset("spark.sql.adaptive.enabled");
        }
    }

    /** Bytes that all scans of ours in a query fetch. */
    private static long fetched(Dataset<Row> query) {
        SparkPlan plan = query.queryExecution().executedPlan();
        plan.executeCollect();
        return fetched(plan);
    }

    private static long fetched(SparkPlan plan) {
        long own = plan.metrics().contains("bytesFetched") ? plan.metrics().apply("bytesFetched").value() : 0;
        return own + CollectionConverters.asJava(plan.children()).stream().mapToLong(ReadPushdownTest::fetched).sum();
    }

    @Test
    public void statisticsReachTheOptimizer() {
        var statistics = sluice(table).select("id").queryExecution().optimizedPlan().stats();
        assertEquals(1000L, statistics.rowCount().get().toLong());
        assertTrue(statistics.sizeInBytes().toLong() < sluice(table).queryExecution().optimizedPlan().stats().sizeInBytes().toLong());
    }

    @Test
    public void rowGroupsAreSkipped() {
        Path groups = freshPath("groups");
        sql("CREATE TABLE delta.`" + groups + "` (id BIGINT, s STRING) USING delta TBLPROPERTIES ('delta.dataSkippingNumIndexedCols' = '0')");
        spark().range(0, 300_000, 1, 1).selectExpr("id", "concat('row ', rand()) AS s").write().format("delta").mode("append")
                .option("parquet.block.size", 400_000).save(groups.toString());
        long all = fetched(sluice(groups));
        for (String filter : List.of("id = 123456", "id < 10", "id IN (5, 299999)", "s = 'none'")) {
            Rows.assertSame(filter, delta(groups).where(filter), sluice(groups).where(filter));
            long fetched = fetched(sluice(groups).where(filter));
            assertTrue(filter + " fetched " + fetched + " of " + all, fetched < all / 2);
        }
    }

    @Test
    public void whatWasFetchedIsCountedWhereTheRestIsNotWanted() {
        Path table = freshPath("fetched");
        spark().range(0, 100000, 1, 1).write().format("delta").save(table.toString());
        spark().conf().set("spark.sql.adaptive.enabled", "false");
        try {
            assertTrue(fetched(sluice(table).limit(1)) > 0);
        } finally {
            spark().conf().unset("spark.sql.adaptive.enabled");
        }
    }

    @Test
    public void optionsThatAskForOtherRowsAreRefused() {
        for (String option : List.of("readChangeFeed", "READCHANGEDATA", "sluice.nosuch")) {
            Failures.assertRefused("SLUICE_UNSUPPORTED_OPTION",
                    () -> spark().read().format("sluice").option(option, "true").load(table.toString()).collect());
        }
        assertEquals(1000, spark().read().format("sluice").option("readChangeFeed", "false").option("sluice.catalog", "lake").load(table.toString()).count());
    }

    @Test
    public void longChainsOfConditions() {
        var condition = org.apache.spark.sql.functions.col("id").equalTo(0);
        var nested = condition;
        for (int i = 1; i < 150; i++) {
            condition = condition.or(org.apache.spark.sql.functions.col("id").equalTo(i).and(org.apache.spark.sql.functions.col("id").lt(1000)));
            nested = i % 2 == 0 ? nested.or(org.apache.spark.sql.functions.col("id").equalTo(i)) : nested.and(org.apache.spark.sql.functions.col("id").geq(0));
        }
        assertEquals(delta(table).where(condition).count(), sluice(table).where(condition).count());
        assertEquals(delta(table).where(nested).count(), sluice(table).where(nested).count());
    }
}
