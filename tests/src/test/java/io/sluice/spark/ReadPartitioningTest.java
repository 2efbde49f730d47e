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
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;

/** Joins and aggregations by partition columns need no shuffle where Spark is told to make use of that. */
public class ReadPartitioningTest {
    private static final String SWITCH = "spark.sql.sources.v2.bucketing.enabled";
    private static final Map<String, String> SETTINGS = Map.of(SWITCH, "true", "spark.sql.autoBroadcastJoinThreshold", "-1");
    private static final Map<String, String> KEYS = Map.of("INT", "CAST(id % 4 AS INT)", "STRING", "concat('ü ', id % 4)",
            "DATE", "date_add(date'2024-01-01', CAST(id % 4 AS INT))", "TIMESTAMP", "timestamp'2024-01-01 00:00:00.25' + make_interval(0, 0, 0, id % 4)",
            "DECIMAL(30,3)", "CAST(id % 4 + 0.125 AS DECIMAL(30,3))", "BOOLEAN", "id % 4 > 1", "TINYINT", "CAST(id % 4 AS TINYINT)",
            "TIMESTAMP_NTZ", "CAST(date_add(date'2024-01-01', CAST(id % 4 AS INT)) AS TIMESTAMP_NTZ)");

    @Before
    public void switchOn() {
        SETTINGS.forEach((key, value) -> spark().conf().set(key, value));
    }

    @After
    public void switchOff() {
        SETTINGS.keySet().forEach(spark().conf()::unset);
    }

    /** Two commits of files; every fifth row has no key. */
    private static Path create(String type, String key, int from) {
        Path table = freshPath("keyed");
        sql("CREATE TABLE delta.`" + table + "` (id BIGINT, `the ``key` " + type + ", q INT) USING delta PARTITIONED BY (`the ``key`, q)"
                + " TBLPROPERTIES ('delta.columnMapping.mode' = 'name')");
        for (int part = 0; part < 2; part++) {
            sql("INSERT INTO delta.`" + table + "` SELECT id, IF(id % 5 = 4, NULL, " + key + "), CAST(id % 2 AS INT) FROM range("
                    + (from + part * 20) + ", " + (from + part * 20 + 20) + ")");
        }
        return table;
    }

    private static String plan(Dataset<Row> query) {
        return query.queryExecution().executedPlan().toString();
    }

    private static Dataset<Row> joined(Dataset<Row> a, Dataset<Row> b) {
        a.createOrReplaceTempView("a");
        b.createOrReplaceTempView("b");
        return sql("SELECT a.id AS x, b.id AS y, a.`the ``key` AS k FROM a JOIN b ON a.`the ``key` = b.`the ``key` AND a.q = b.q");
    }

    @Test
    public void joinsWithoutExchange() {
        KEYS.forEach((type, key) -> {
            Path left = create(type, key, 0);
            Path right = create(type, key, 10);
            Dataset<Row> joined = joined(sluice(left), sluice(right));
            assertFalse(plan(joined), plan(joined).contains("Exchange"));
            assertTrue(type, joined.count() > 0);
            Rows.assertSame(type, joined(delta(left), delta(right)), joined(sluice(left), sluice(right)));
        });
    }

    @Test
    public void rowsWithoutPartnersAndKeys() {
        Path left = create("STRING", "concat('k', id % 4)", 0);
        Path right = create("STRING", "concat('k', id % 3)", 10);
        for (String kind : List.of("LEFT OUTER", "FULL OUTER", "LEFT ANTI")) {
            sluice(left).createOrReplaceTempView("a");
            sluice(right).where("id > 25").createOrReplaceTempView("b");
            String query = "SELECT * FROM a " + kind + " JOIN b ON a.`the ``key` <=> b.`the ``key` AND a.q = b.q";
            Dataset<Row> ours = sql(query);
            delta(left).createOrReplaceTempView("a");
            delta(right).where("id > 25").createOrReplaceTempView("b");
            Rows.assertSame(kind, sql(query), ours);
        }
    }

    @Test
    public void aggregatesWithoutExchange() {
        Path table = create("STRING", "concat('k', id % 4)", 0);
        for (String groups : List.of("`the ``key`", "q", "`the ``key`, q")) {
            Dataset<Row> ours = sluice(table).where("id > 1").groupBy(groupColumns(groups)).sum("id");
            assertFalse(plan(ours), plan(ours).contains("Exchange"));
            Rows.assertSame(groups, delta(table).where("id > 1").groupBy(groupColumns(groups)).sum("id"), ours);
        }
        assertTrue(plan(sluice(table).groupBy("id").count()).contains("Exchange"));
    }

    private static org.apache.spark.sql.Column[] groupColumns(String names) {
        return java.util.Arrays.stream(names.split(", ")).map(org.apache.spark.sql.functions::col).toArray(org.apache.spark.sql.Column[]::new);
    }

    @Test
    public void onlyWithTheSwitch() {
        Path table = create("INT", "CAST(id % 4 AS INT)", 0);
        assertEquals("one partition a key", 6, sluice(table).rdd().getNumPartitions());
        assertEquals("keys of pruned columns do not count", 2, sluice(table).select("id", "q").rdd().getNumPartitions());
        spark().conf().unset(SWITCH);
        assertTrue(sluice(table).rdd().getNumPartitions() < 5);
        assertTrue(plan(joined(sluice(table), sluice(table))).contains("Exchange"));
    }

    @Test
    public void filteredAtRunTime() {
        Path facts = create("INT", "CAST(id % 4 AS INT)", 0);
        Path others = create("INT", "CAST(id % 4 AS INT)", 5);
        Path dimension = freshPath("dimension");
        sql("SELECT * FROM VALUES (1, 'x'), (3, 'y'), (2, 'z') AS d(k, name)").write().format("delta").save(dimension.toString());
        delta(dimension).createOrReplaceTempView("dimension");
        String query = "SELECT /*+ BROADCAST(d) */ f.id, o.id AS other, d.name FROM facts f JOIN others o ON f.`the ``key` = o.`the ``key` AND f.q = o.q"
                + " JOIN (SELECT * FROM dimension WHERE name < 'z') d ON f.`the ``key` = d.k";
        sluice(facts).createOrReplaceTempView("facts");
        sluice(others).createOrReplaceTempView("others");
        Dataset<Row> ours = sql(query);
        assertTrue(plan(ours), plan(ours).contains("dynamicpruning"));
        assertFalse(plan(ours), plan(ours).contains("Exchange hashpartitioning"));
        List<String> rows = Rows.of(ours);
        delta(facts).createOrReplaceTempView("facts");
        delta(others).createOrReplaceTempView("others");
        assertEquals(Rows.of(sql(query)), rows);
        assertFalse(rows.isEmpty());
    }
}
