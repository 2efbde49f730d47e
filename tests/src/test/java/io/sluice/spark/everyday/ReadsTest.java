package io.sluice.spark.everyday;

import static io.sluice.spark.Failures.assertFails;
import static io.sluice.spark.everyday.Everyday.rows;
import static io.sluice.spark.everyday.Everyday.session;
import static io.sluice.spark.everyday.Everyday.since;
import static io.sluice.spark.everyday.Everyday.sorted;
import static io.sluice.spark.everyday.Everyday.sql;
import static io.sluice.spark.everyday.Everyday.tables;
import static org.apache.spark.sql.functions.expr;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import io.sluice.spark.everyday.Everyday.Table;
import java.nio.file.Files;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.Test;

/** Tables read in every way: filtered, joined, aggregated, as they were, by path, cached. */
public class ReadsTest {
    /** In each catalog, ten rows in each of two versions, partitioned by what is left of a division by two. */
    private static List<Table> filled() throws Exception {
        List<Table> filled = new ArrayList<>();
        for (Table table : tables("read")) {
            table.create("id BIGINT, s STRING, p INT", "PARTITIONED BY (p)");
            for (int first = 0; first < 20; first += 10) {
                session().range(first, first + 10, 1, 1).selectExpr("id", "concat('s', id) AS s", "CAST(id % 2 AS INT) AS p").writeTo(table.name()).append();
            }
            filled.add(table);
        }
        return filled;
    }

    @Test
    public void filtersJoinsAndAggregates() throws Exception {
        for (Table table : filled()) {
            Dataset<Row> read = table.read();
            assertEquals(20, table.rows().size());
            assertEquals(List.of("[18,s18,0]", "[19,s19,1]"), sorted(read.where("id > 17")));
            assertEquals(List.of("[s3]"), sorted(read.where("p = 1 AND (s = 's3' OR s IS NULL)").select("s")));
            assertEquals(List.of("[1]"), sorted(read.where("id IN (1, 40) AND s LIKE 's%'").select("id")));
            assertEquals(List.of("[0,19,20]"), sorted(read.selectExpr("min(id)", "max(id)", "count(*)")));
            assertEquals(List.of("[0,10,90]", "[1,10,100]"), sorted(read.groupBy("p").agg(expr("count(*)"),
                    expr("sum(id)"))));
            assertEquals(3, read.limit(3).collectAsList().size());
            assertEquals(List.of("[19,s19]"), sorted(read.orderBy(read.col("id").desc()).limit(1).select("id", "s")));
            session().range(1).selectExpr("1 AS p", "'odd' AS name").createOrReplaceTempView("everyday_names");
            String join = "SELECT t.id FROM " + table.name() + " t JOIN (SELECT * FROM everyday_names WHERE name = 'odd') n ON t.p = n.p";
            assertEquals(10, sql(join).count());
            assertEquals(List.of("[4,true]"), sorted(read.selectExpr("_metadata.file_name AS f", "_metadata.row_index < 10 AS low")
                    .selectExpr("count(DISTINCT f)", "every(low)")));
            assertTrue(read.queryExecution().executedPlan().toString(), read.queryExecution().executedPlan().toString().contains("BatchScan"));
        }
    }

    @Test
    public void asItWas() throws Exception {
        for (Table table : filled()) {
            String path = table.path().toString();
            assertEquals(List.of("[10]"), rows("SELECT count(*) FROM " + table.name() + " VERSION AS OF 1"));
            assertEquals(List.of("[10]"), rows("SELECT count(*) FROM lake.delta.`" + path + "@v1`"));
            assertEquals(10, session().read().option("versionAsOf", 1).table(table.name()).count());
            assertEquals(10, session().read().format("sluice").option("versionAsOf", 1).load(path).count());
            assertEquals(List.of("[20]"), rows("SELECT count(*) FROM " + table.name() + " TIMESTAMP AS OF '" + committed(table) + "'"));
            assertEquals(List.of("[10]"), rows("SELECT count(*) FROM " + table.name() + " a JOIN " + table.name() + " VERSION AS OF 1 b USING (id)"));
            assertFails("DELTA_VERSION_NOT_FOUND", () -> rows("SELECT * FROM " + table.name() + " VERSION AS OF 9"));
            assertFails("DELTA_TIMESTAMP_EARLIER", () -> rows("SELECT * FROM " + table.name() + " TIMESTAMP AS OF '2001-01-01'"));
        }
    }

    /** When the newest version was committed. */
    private static String committed(Table table) throws Exception {
        Instant time = Files.getLastModifiedTime(table.path().resolve("_delta_log/00000000000000000002.json")).toInstant();
        return time.toString().replace('T', ' ').replace("Z", "");
    }

    @Test
    public void byPath() throws Exception {
        for (Table table : filled()) {
            String path = table.path().toString();
            List<String> expected = table.rows();
            for (Dataset<Row> read : List.of(session().read().format("sluice").load(path), sql("TABLE lake.delta.`" + path + "`"),
                    sql("TABLE lake.`" + path + "`"), sql("TABLE delta.`" + path + "`"), session().read().table("lake.delta.`" + table.path().toUri() + "`"))) {
                assertEquals(expected, sorted(read));
            }
            assertFails("TABLE_OR_VIEW_NOT_FOUND", () -> sql("TABLE lake.delta.`" + path + "_not`"));
        }
    }

    @Test
    public void caching() throws Exception {
        for (Table table : filled()) {
            String name = table.name();
            Dataset<Row> analyzed = table.read().where("p = 0");
            sql("CACHE TABLE " + name);
            assertTrue(session().catalog().isCached(name));
            assertEquals(20, table.read().count());
            sql("INSERT INTO " + name + " VALUES (20, 's20', 0)");
            assertTrue("refreshed, not dropped", session().catalog().isCached(name));
            assertEquals(21, table.read().count());
            sql("INSERT OVERWRITE " + name + " SELECT * FROM " + name + " WHERE id > 18");
            assertEquals(List.of("[19,s19,1]", "[20,s20,0]"), table.rows());
            sql("UNCACHE TABLE " + name);
            assertEquals(List.of("[19,s19,1]", "[20,s20,0]"), table.rows());
            if (since("4.1")) { // Before, it stays with the version that it was analyzed at.
                assertEquals("an earlier frame", List.of("[20,s20,0]"), sorted(analyzed));
            }
        }
    }
}
