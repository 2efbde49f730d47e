package io.sluice.spark;

import static io.sluice.spark.ReadTest.sluice;
import static io.sluice.spark.SparkFixture.delta;
import static io.sluice.spark.SparkFixture.freshPath;
import static io.sluice.spark.SparkFixture.spark;
import static io.sluice.spark.SparkFixture.sql;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.After;
import org.junit.BeforeClass;
import org.junit.Test;

/** Queries as people write them, on tables with deleted rows, nulls and NaN: the answers are delta-spark's. */
public class QueryTest {
    private static final Map<String, String> ADAPTIVE = Map.of("spark.sql.adaptive.enabled", "true");
    private static final Map<String, String> PLAIN = Map.of("spark.sql.adaptive.enabled", "false");
    /** Joins by shuffles, which are filtered at run time all the same. */
    private static final Map<String, String> SHUFFLED = Map.of("spark.sql.adaptive.enabled", "false", "spark.sql.autoBroadcastJoinThreshold", "-1",
            "spark.sql.optimizer.dynamicPartitionPruning.reuseBroadcastOnly", "false");
    /** Joins of partitions, in every way that Spark has. */
    private static final Map<String, String> GROUPED = Map.of("spark.sql.adaptive.enabled", "false", "spark.sql.sources.v2.bucketing.enabled", "true", "spark.sql.autoBroadcastJoinThreshold", "-1",
            "spark.sql.sources.v2.bucketing.pushPartValues.enabled", "true", "spark.sql.requireAllClusterKeysForCoPartition", "false",
            "spark.sql.sources.v2.bucketing.partiallyClusteredDistribution.enabled", "true");
    private static final List<Map<String, String>> SETTINGS = List.of(PLAIN, ADAPTIVE, SHUFFLED, GROUPED);

    private static Map<String, Path> tables;

    /** Facts of eight partitions, in two commits each; a smaller table of the same partition columns; a table to look names up in. */
    @BeforeClass
    public static void prepare() {
        tables = Map.of("facts", freshPath("facts"), "events", freshPath("events"), "dims", freshPath("dims"));
        String keys = "IF(id % 9 = 8, NULL, date_add(date'2024-01-01', CAST(id % 4 AS INT))) AS day, IF(id % 7 = 6, NULL, concat('p ', id % 2)) AS p,"
                + " CAST(id % 2 + 0.25 AS DECIMAL(10,2)) AS q, timestamp'2024-01-01 00:00:00.5Z' + make_interval(0, 0, 0, id % 4) AS ts";
        String values = "id, CAST(id % 5 AS INT) AS a, CASE id % 6 WHEN 0 THEN double('NaN') WHEN 1 THEN NULL WHEN 2 THEN -0.0D ELSE id / 3 END AS w,"
                + " IF(id % 4 = 1, NULL, concat('s', id % 10)) AS s, CAST(id * 1.25 AS DECIMAL(12,2)) AS amount, timestamp'2024-01-01 00:00:00Z' + make_interval(0, 0, 0, 0, id) AS t,"
                + " named_struct('x', CAST(id AS INT), 'y', concat('y', id % 3)) AS n, array(id % 3, NULL, id) AS l, map('k', id % 2) AS m,";
        for (String name : List.of("facts", "events")) {
            Path table = tables.get(name);
            int rows = name.equals("facts") ? 150 : 30;
            for (int part = 0; part < 2; part++) {
                spark().range(part * rows, (part + 1) * rows).selectExpr("inline(array(struct(" + values + keys + ")))").write().format("delta").mode("append")
                        .option("delta.enableDeletionVectors", "true").partitionBy("day", "p", "q", "ts").save(table.toString());
            }
            sql("DELETE FROM delta.`" + table + "` WHERE id % 11 = 3");
        }
        sql("SELECT CAST(id AS INT) AS k, concat('name ', id % 3) AS name, date_add(date'2024-01-01', CAST(id AS INT)) AS day, IF(id = 5, NULL, concat('p ', id)) AS p,"
                + " CAST(id + 0.25 AS DECIMAL(14,3)) AS q, timestamp'2024-01-01 00:00:00.5Z' + make_interval(0, 0, 0, id) AS ts FROM range(6)")
                .write().format("delta").save(tables.get("dims").toString());
    }

    @After
    public void reset() {
        SETTINGS.forEach(settings -> settings.keySet().forEach(spark().conf()::unset));
    }

    private static <T> T with(Map<String, String> settings, Function<String, T> run, String query) {
        settings.forEach((key, value) -> spark().conf().set(key, value));
        try {
            return run.apply(query);
        } finally {
            settings.keySet().forEach(spark().conf()::unset);
        }
    }

    private static void views(Function<Path, Dataset<Row>> reader) {
        tables.forEach((name, path) -> reader.apply(path).createOrReplaceTempView(name));
    }

    private static void assertAlike(List<Map<String, String>> settings, List<String> queries) {
        views(ReadTest::sluice);
        List<List<List<String>>> ours = settings.stream()
                .map(conf -> queries.stream().map(query -> with(conf, QueryTest::rows, query)).toList()).toList();
        views(SparkFixture::delta);
        for (int i = 0; i < queries.size(); i++) {
            List<String> expected = with(PLAIN, QueryTest::rows, queries.get(i));
            assertTrue("nothing to compare: " + queries.get(i), !expected.isEmpty());
            for (int j = 0; j < settings.size(); j++) {
                assertEquals(queries.get(i) + " with " + settings.get(j), String.join("\n", expected), String.join("\n", ours.get(j).get(i)));
            }
        }
    }

    /** With the names and types of the columns. */
    private static List<String> rows(String query) {
        Dataset<Row> answer = sql(query);
        return Stream.concat(Stream.of(answer.schema().toDDL()), Rows.of(answer).stream()).toList();
    }

    @Test
    public void joins() {
        assertAlike(SETTINGS, List.of(
                "SELECT f.id, d.name FROM facts f JOIN dims d ON f.day = d.day WHERE d.name = 'name 1'",
                "SELECT /*+ BROADCAST(d) */ f.id, d.name FROM facts f JOIN dims d ON f.p = d.p WHERE d.name <> 'name 1'",
                "SELECT /*+ MERGE(d) */ f.id, d.name FROM facts f JOIN dims d ON f.q = d.q WHERE d.k > 0",
                "SELECT /*+ SHUFFLE_HASH(d) */ f.id, d.name FROM facts f JOIN dims d ON f.ts = d.ts WHERE d.k IN (1, 3, 5)",
                "SELECT f.id, d.k FROM facts f JOIN dims d ON f.day = d.day AND f.p = d.p AND f.ts = d.ts WHERE d.name LIKE 'name%'",
                "SELECT f.id, d.k FROM facts f JOIN dims d ON f.day <=> d.day AND f.p <=> d.p WHERE d.k < 9",
                "SELECT f.id, d.k FROM facts f LEFT JOIN dims d ON f.p = d.p AND d.k > 0 WHERE f.id < 20",
                "SELECT f.id, d.k FROM facts f RIGHT JOIN dims d ON f.day = d.day AND f.a = 1 AND f.id < 30 WHERE d.name > 'name 0'",
                "SELECT f.id, d.k FROM (SELECT * FROM facts WHERE id < 12) f FULL OUTER JOIN dims d ON f.p = d.p AND f.day = d.day",
                "SELECT f.id FROM facts f LEFT SEMI JOIN (SELECT * FROM dims WHERE k = 2) d ON f.day = d.day",
                "SELECT f.id FROM facts f LEFT ANTI JOIN (SELECT * FROM dims WHERE k > 1) d ON f.day = d.day",
                "SELECT a.id, b.id AS other FROM facts a JOIN facts b ON a.id = b.id + 1 AND a.day = b.day",
                "SELECT a.id, b.id AS other FROM facts a JOIN facts b ON a.day = b.day AND a.p = b.p AND a.q = b.q AND a.ts = b.ts WHERE b.id < 8",
                "SELECT f.id, e.id AS other FROM facts f JOIN events e USING (day, p, q, ts) WHERE e.a = 1 AND f.a = 2",
                "SELECT f.id, e.id AS other FROM facts f JOIN events e ON f.day = e.day AND f.p = e.p JOIN dims d ON e.day = d.day WHERE d.k = 1 AND f.id < 60",
                "SELECT f.id, e.id AS other FROM facts f LEFT JOIN events e ON f.day = e.day AND f.p = e.p AND f.q = e.q AND f.ts = e.ts AND e.id < 9",
                "SELECT f.id, e.id AS other FROM (SELECT * FROM facts WHERE q > 1) f FULL OUTER JOIN (SELECT * FROM events WHERE id < 5) e ON f.day = e.day AND f.p = e.p AND f.q = e.q AND f.ts = e.ts",
                "SELECT f.id, d.k FROM facts f JOIN dims d ON year(f.day) + month(f.day) = year(d.day) + d.k WHERE d.name = 'name 1'",
                "SELECT count(*) AS c FROM facts CROSS JOIN events"));
    }

    @Test
    public void subqueries() {
        assertAlike(List.of(ADAPTIVE, SHUFFLED, GROUPED), List.of(
                "SELECT id FROM facts WHERE day IN (SELECT day FROM dims WHERE name = 'name 2')",
                "SELECT id FROM facts WHERE p IN (SELECT p FROM dims WHERE k > 0)",
                "SELECT id FROM facts WHERE p NOT IN (SELECT p FROM dims WHERE k BETWEEN 1 AND 4)",
                "SELECT count(*) AS c FROM facts WHERE p NOT IN (SELECT p FROM dims)",
                "SELECT id FROM facts f WHERE EXISTS (SELECT 1 FROM dims d WHERE d.ts = f.ts AND d.k = 3)",
                "SELECT id FROM facts f WHERE NOT EXISTS (SELECT 1 FROM events e WHERE e.id = f.id)",
                "SELECT id FROM facts WHERE day = (SELECT max(day) FROM facts WHERE id > 3)",
                "SELECT id FROM facts WHERE q = (SELECT min(q) FROM dims WHERE k > 0)",
                "SELECT id, (SELECT max(e.id) FROM events e WHERE e.day = f.day AND e.a = f.a) AS m FROM facts f WHERE id < 25",
                "WITH x AS (SELECT day, max(id) AS id FROM facts GROUP BY day) SELECT f.* FROM facts f JOIN x ON f.id = x.id",
                "WITH x AS (SELECT * FROM facts WHERE w > 20) SELECT a.id, b.id AS other FROM x a JOIN x b ON a.id = b.id + 6",
                "SELECT * FROM (SELECT id, day FROM facts WHERE a = 1 UNION ALL SELECT id, day FROM events) WHERE day IN (SELECT day FROM dims WHERE k = 1)"));
    }

    @Test
    public void aggregates() {
        assertAlike(List.of(ADAPTIVE, GROUPED), List.of(
                "SELECT count(*) AS c, count(w) AS d, count(s) AS e, min(id) AS g, max(id) AS h FROM facts",
                "SELECT min(w) AS a, max(w) AS b, min(s) AS c, max(s) AS d, min(t) AS e, max(t) AS g, min(amount) AS h, max(amount) AS i FROM facts",
                "SELECT min(day) AS a, max(day) AS b, min(p) AS c, max(p) AS d, min(q) AS e, max(ts) AS g FROM facts",
                "SELECT min(n.x) AS a, max(n.x) AS b, count(n.x) AS c, min(a) AS d FROM facts",
                "SELECT max(id) AS a, count(*) AS c FROM facts WHERE day IS NULL",
                "SELECT max(id) AS a, min(w) AS b FROM facts WHERE day > '2030-01-01'",
                "SELECT day, p, count(*) AS c, sum(amount) AS s, max(w) AS v FROM facts GROUP BY day, p",
                "SELECT day, count(*) AS c FROM facts GROUP BY day HAVING count(*) > 30",
                "SELECT day, count(*) AS c, max(id) AS m FROM facts WHERE p IS NOT NULL GROUP BY day",
                "SELECT ts, q, min(a) AS m FROM facts GROUP BY ts, q",
                "SELECT day, p, count(*) AS c FROM facts GROUP BY ROLLUP (day, p)",
                "SELECT DISTINCT day, q FROM facts",
                "SELECT count(DISTINCT day) AS c, count(DISTINCT a) AS d FROM facts",
                "SELECT w, count(*) AS c FROM facts GROUP BY w",
                "SELECT count(*) FILTER (WHERE a = 1) AS c, sum(id) FILTER (WHERE w IS NULL) AS d FROM facts",
                "SELECT n.y, max_by(id, amount) AS m FROM facts GROUP BY n.y",
                "SELECT d.name, count(*) AS c, sum(f.amount) AS s FROM facts f JOIN dims d ON f.day = d.day GROUP BY d.name"));
    }

    @Test
    public void limitsWindowsAndUnions() {
        assertAlike(List.of(ADAPTIVE, GROUPED), List.of(
                "SELECT id FROM facts ORDER BY id LIMIT 7",
                "SELECT id FROM facts ORDER BY id DESC LIMIT 5 OFFSET 9",
                "SELECT id FROM facts ORDER BY id OFFSET 265",
                "SELECT count(*) AS c FROM (SELECT id FROM facts LIMIT 33)",
                "SELECT count(*) AS c FROM (SELECT id FROM facts OFFSET 33)",
                "SELECT count(*) AS c FROM (SELECT id FROM facts WHERE day = '2024-01-02' LIMIT 10 OFFSET 5)",
                "SELECT count(*) AS c FROM (SELECT id FROM facts WHERE a = 1 LIMIT 1000)",
                "SELECT w, id FROM facts ORDER BY w DESC NULLS LAST, id LIMIT 60",
                "SELECT id, row_number() OVER (PARTITION BY day ORDER BY id) AS r, lag(amount) OVER (PARTITION BY p ORDER BY id) AS l FROM facts",
                "SELECT * FROM (SELECT id, day, rank() OVER (PARTITION BY day, q ORDER BY amount DESC) AS r FROM facts) WHERE r <= 2",
                "SELECT id, sum(amount) OVER (ORDER BY t ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) AS s FROM facts WHERE a < 3",
                "SELECT id, day FROM facts UNION SELECT id, day FROM events",
                "SELECT id FROM facts WHERE a = 1 INTERSECT SELECT id FROM events",
                "SELECT day, p FROM facts EXCEPT SELECT day, p FROM dims",
                "SELECT id, x FROM facts LATERAL VIEW explode(l) e AS x WHERE id < 40",
                "SELECT n.x, l[0] AS first, m['k'] AS k FROM facts WHERE n.y = 'y1'",
                "SELECT * FROM (SELECT day, a, amount FROM facts) PIVOT (sum(amount) FOR a IN (0, 1, 2))",
                "SELECT * FROM facts WHERE id = 20 OR p = 'p 1' AND day BETWEEN '2024-01-02' AND '2024-01-03' OR w IS NULL AND q < 1"));
    }

    /** Spark then takes partitions by day and p for partitions by day, whoever asks. */
    @Test
    public void subsetsOfPartitionKeys() {
        Map<String, String> settings = Map.of("spark.sql.sources.v2.bucketing.enabled", "true", "spark.sql.sources.v2.bucketing.pushPartValues.enabled", "true",
                "spark.sql.requireAllClusterKeysForCoPartition", "false", "spark.sql.sources.v2.bucketing.allowJoinKeysSubsetOfPartitionKeys.enabled", "true",
                "spark.sql.autoBroadcastJoinThreshold", "-1");
        assertAlike(List.of(settings), List.of(
                "SELECT id, row_number() OVER (PARTITION BY day ORDER BY id) AS r, p, q FROM facts",
                "SELECT id, row_number() OVER (PARTITION BY day ORDER BY id) AS r FROM facts",
                "SELECT day, max(p) AS p, min(q) AS q, sum(id) AS s FROM facts GROUP BY day",
                "SELECT p, a, count(*) AS c, max(day) AS m FROM facts GROUP BY p, a",
                "SELECT f.id, f.p, e.id AS other, e.q FROM facts f JOIN events e ON f.day = e.day AND f.a = e.a"));
    }

    /** What is cached is one version; views see the newest. */
    @Test
    public void cachesAndViews() {
        Path table = tables.get("events");
        Dataset<Row> cached = sluice(table).where("a < 4").cache();
        try {
            Rows.assertSame("cached", delta(table).where("a < 4"), cached);
            Rows.assertSame("filtered", delta(table).where("a < 4 AND day > '2024-01-01' AND w > 1"), cached.where("day > '2024-01-01' AND w > 1"));
            Rows.assertSame("joined", delta(table).where("a < 4").join(delta(table).selectExpr("id", "s AS other"), "id"),
                    cached.join(sluice(table).selectExpr("id", "s AS other"), "id"));
        } finally {
            cached.unpersist();
        }
        views(ReadTest::sluice);
        sql("CREATE OR REPLACE TEMPORARY VIEW ours AS SELECT f.id, d.name, f.n.x FROM lake.delta.`" + tables.get("facts") + "` f JOIN dims d ON f.day = d.day");
        List<String> ours = rows("SELECT name, max(x) AS m FROM ours WHERE id > 3 GROUP BY name");
        views(SparkFixture::delta);
        sql("CREATE OR REPLACE TEMPORARY VIEW theirs AS SELECT f.id, d.name, f.n.x FROM delta.`" + tables.get("facts") + "` f JOIN dims d ON f.day = d.day");
        assertEquals(rows("SELECT name, max(x) AS m FROM theirs WHERE id > 3 GROUP BY name"), ours);
    }

    @Test
    public void plansAreExplained() {
        views(ReadTest::sluice);
        String query = "SELECT d.name, count(*) FROM facts f JOIN dims d ON f.day = d.day WHERE f.a > 1 AND f.p = 'p 1' AND d.k = 2 GROUP BY d.name";
        for (String mode : List.of("", "EXTENDED", "FORMATTED", "COST", "CODEGEN")) {
            for (Map<String, String> settings : SETTINGS) {
                String plan = with(settings, statement -> sql(statement).first().getString(0), "EXPLAIN " + mode + " " + query);
                assertTrue(plan, !plan.contains("Exception") && (mode.equals("CODEGEN") || plan.contains("at version 2")));
            }
        }
        String plan = with(SHUFFLED, statement -> sql(statement).first().getString(0), "EXPLAIN " + query);
        assertTrue(plan, plan.contains("dynamicpruning"));
    }
}
