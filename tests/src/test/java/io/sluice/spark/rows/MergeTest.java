package io.sluice.spark.rows;

import static io.sluice.spark.SparkFixture.freshName;
import static io.sluice.spark.SparkFixture.spark;
import static io.sluice.spark.SparkFixture.sql;
import static org.apache.spark.sql.functions.col;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import io.sluice.spark.Twins;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.Test;

/** MERGE INTO, beside delta-spark's. */
public class MergeTest {
    private static final String VECTORS = "TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')";

    private static Statements table(String more) {
        return Statements.of("id BIGINT, v STRING, p INT", more, "0, NULL, NULL", "(1, 'a', 1), (2, 'b', 2)",
                "(3, 'c', 1), (4, 'd', NULL), (5, NULL, 2), (6, 'f', 1)", "(7, 'g', 2), (8, 'h', NULL)");
    }

    private static String source(String rows) {
        return "(SELECT * FROM VALUES " + rows + " AS s(id, v, p)) s";
    }

    /** All kinds of clauses, in all numbers. */
    @Test
    public void asDeltaSparkDoes() throws Exception {
        for (String more : List.of("", VECTORS, "PARTITIONED BY (p)")) {
            Statements table = table(more);
            table.say("MERGE INTO %s t USING " + source("(2L, 'B', 2), (5L, 'E', 5), (20L, 'T', 2)") + " ON t.id = s.id"
                    + " WHEN MATCHED AND s.v = 'E' THEN DELETE WHEN MATCHED THEN UPDATE SET *"
                    + " WHEN NOT MATCHED THEN INSERT *"
                    + " WHEN NOT MATCHED BY SOURCE AND t.id = 8 THEN DELETE WHEN NOT MATCHED BY SOURCE AND t.p = 1 THEN UPDATE SET v = concat(t.v, '-')");
            table.say("MERGE INTO %s AS x USING " + source("(1L, 'one', 7), (4L, NULL, 7), (NULL, 'nobody', 7)") + " ON x.id = s.id"
                    + " WHEN MATCHED AND x.p IS NULL THEN UPDATE SET x.p = s.p, v = s.v WHEN NOT MATCHED THEN INSERT (id, v) VALUES (s.id, s.v)");
            table.say("MERGE INTO %s t USING " + source("(0L, 'x', 0), (7L, 'x', 7)") + " ON t.id <=> s.id WHEN MATCHED THEN DELETE");
            table.assertNothingToDo("MERGE INTO %s t USING " + source("(-1L, 'x', 0)") + " ON t.id = s.id WHEN MATCHED THEN DELETE");
            table.assertNothingToDo("MERGE INTO %s t USING " + source("(1L, 'x', 0)") + " ON t.id = s.id WHEN MATCHED AND s.v = 'y' THEN DELETE");
            table.assertNothingToDo("MERGE INTO %s t USING (SELECT 1L AS id WHERE 1 = 0) s ON t.id = s.id WHEN MATCHED THEN DELETE");
            table.say("MERGE INTO %s t USING " + source("(3L, 'x', 0)") + " ON t.id = s.id WHEN NOT MATCHED BY SOURCE THEN DELETE");
            assertEquals(more, List.of("[3,c-,1]"), Twins.sorted(table.ours()));
        }
    }

    /** Spark makes appends of them, and the history says MERGE. */
    @Test
    public void insertsAlone() throws Exception {
        Statements table = table("TBLPROPERTIES ('delta.appendOnly' = 'true')");
        table.say("MERGE INTO %s t USING " + source("(8L, 'x', 0), (9L, 'n', 0), (9L, 'n', 1)") + " ON t.id = s.id WHEN NOT MATCHED THEN INSERT *");
        table.say("MERGE INTO %s t USING " + source("(10L, 'x', 0), (11L, 'n', 0), (12L, 'y', 0)") + " ON t.id = s.id AND t.p > 3"
                + " WHEN NOT MATCHED AND s.v = 'x' THEN INSERT (id, v) VALUES (s.id, upper(s.v)) WHEN NOT MATCHED AND s.id <> 12 THEN INSERT *");
        table.say("MERGE INTO %s t USING (SELECT 13L AS id) s ON false WHEN NOT MATCHED THEN INSERT (id) VALUES (s.id)");
        sql(("MERGE INTO %s t USING " + source("(14L, 'x', 0), (15L, 'y', 0)") + " ON t.id = s.id WHEN NOT MATCHED AND s.v = 'y' THEN INSERT *").formatted(table.name()));
        assertEquals(List.of("[15,y,0]"), Statements.rows(sql("SELECT * FROM " + table.name() + " WHERE id > 13")));
        assertEquals("MERGE", Twins.last(table.ours()).getAs("operation"));
        table.assertNothingToDo("MERGE INTO %s t USING " + source("(1L, 'x', 0)") + " ON t.id = s.id WHEN NOT MATCHED THEN INSERT *");
        table.assertNothingToDo("MERGE INTO %s t USING (SELECT 1L AS id WHERE 1 = 0) s ON t.id = s.id WHEN NOT MATCHED THEN INSERT (id) VALUES (s.id)");
        sql("INSERT INTO %1$s SELECT 100L, s.v, s.p FROM %1$s s LEFT ANTI JOIN %1$s t ON t.id = s.id + 2 WHERE s.id = 15".formatted(table.name()));
        assertEquals("an append as any other", "WRITE", Twins.last(table.ours()).getAs("operation"));
    }

    @Test
    public void twoSourceRowsForOneRow() throws Exception {
        Statements table = table("");
        String twice = source("(1L, 'x', 0), (1L, 'x', 0), (2L, 'y', 0)");
        for (String clauses : List.of("WHEN MATCHED THEN UPDATE SET v = s.v", "WHEN MATCHED AND t.v = 'a' THEN DELETE",
                "WHEN MATCHED AND s.v = 'y' THEN DELETE WHEN MATCHED THEN UPDATE SET v = s.v WHEN NOT MATCHED THEN INSERT *")) {
            table.assertFails("MERGE_CARDINALITY_VIOLATION", "MERGE INTO %s t USING " + twice + " ON t.id = s.id " + clauses);
        }
        table.say("MERGE INTO %s t USING " + twice + " ON t.id = s.id WHEN MATCHED THEN DELETE WHEN NOT MATCHED BY SOURCE AND t.id = 3 THEN DELETE");
        assertEquals("3", table.metrics().get("numTargetRowsDeleted"));
        assertEquals("2", table.metrics().get("numTargetRowsMatchedDeleted"));
    }

    @Test
    public void sourcesOfEveryKind() {
        Statements table = table("");
        table.say("MERGE INTO %1$s t USING %1$s s ON t.id = s.id + 1 WHEN MATCHED AND s.p = 1 THEN UPDATE SET v = s.v WHEN NOT MATCHED THEN INSERT *");
        table.say("WITH few AS (SELECT id, max(p) AS p FROM %1$s GROUP BY id HAVING id > 6) MERGE INTO %1$s t USING few ON t.id = few.id WHEN MATCHED THEN UPDATE SET p = few.p + 1");
        String other = "lake." + freshName("source");
        sql("CREATE TABLE " + other + " PARTITIONED BY (p) AS SELECT id, concat('s', id) AS v, CAST(id % 3 AS INT) AS p FROM range(12)");
        table.say("MERGE INTO %s t USING " + other + " s ON t.id = s.id AND t.p = s.p WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED AND s.id > 9 THEN INSERT *");
        table.say("MERGE INTO %s t USING (SELECT id, v FROM " + other + " WHERE p = 1) s ON t.id = s.id WHEN MATCHED THEN UPDATE SET v = (SELECT max(v) FROM " + other + ")");
    }

    /** Partitions of the target are skipped at run time, by what the source has. */
    @Test
    public void partitionsThatTheSourceNames() {
        Statements table = Statements.of("id BIGINT, v STRING, p INT", "PARTITIONED BY (p)", "0, 'x', 0",
                "(1, 'a', 1), (2, 'b', 2), (3, 'c', 3), (4, 'd', 4), (5, 'e', 5)", "(6, 'f', 1), (7, 'g', 2), (8, 'h', 3)");
        String other = "lake." + freshName("pruning");
        sql("CREATE TABLE " + other + " AS SELECT * FROM VALUES (2L, 'two', 2), (7L, 'seven', 2), (9L, 'nine', 4) AS s(id, v, p)");
        spark().conf().set("spark.sql.optimizer.dynamicPartitionPruning.reuseBroadcastOnly", "false");
        try {
            String merge = "MERGE INTO %s t USING (SELECT * FROM " + other + " WHERE v <> 'nine') s ON t.p = s.p AND t.id = s.id WHEN MATCHED THEN ";
            assertTrue(sql("EXPLAIN " + merge.formatted(table.name()) + "DELETE").first().getString(0).contains("dynamicpruning"));
            table.say(merge + "DELETE");
            table.say("MERGE INTO %s t USING " + other + " s ON t.p = s.p AND s.id > 7 WHEN MATCHED AND t.id = 4 THEN DELETE");
            table.sayToOurs("DELETE FROM %s WHERE p IN (SELECT p FROM " + other + " WHERE v = 'two')", "[0,x,0]", "[1,a,1]", "[3,c,3]", "[5,e,5]", "[6,f,1]", "[8,h,3]");
        } finally {
            spark().conf().unset("spark.sql.optimizer.dynamicPartitionPruning.reuseBroadcastOnly");
        }
    }

    @Test
    public void dataFrames() throws Exception {
        Statements table = table(VECTORS);
        Dataset<Row> source = sql("SELECT * FROM VALUES (1L, 'one', 1), (2L, 'two', 2), (30L, 'thirty', 3) AS s(id, v, p)");
        String id = table.name() + ".id";
        source.as("s").mergeInto(table.name(), col(id).equalTo(col("s.id")))
                .whenMatched(col("s.v").equalTo("one")).delete()
                .whenMatched().updateAll()
                .whenNotMatched().insertAll()
                .whenNotMatchedBySource(col(id).gt(6)).delete()
                .merge();
        table.assertHolds("mergeInto", "[0,null,null]", "[2,two,2]", "[3,c,1]", "[30,thirty,3]", "[4,d,null]", "[5,null,2]", "[6,f,1]");
        assertEquals("MERGE", Twins.last(table.ours()).getAs("operation"));
        source.as("s").mergeInto(table.name(), col(id).equalTo(col("s.id"))).whenNotMatched().insertAll().merge();
        assertEquals("MERGE", Twins.last(table.ours()).getAs("operation"));
        assertEquals(8, sql("SELECT * FROM " + table.name()).count());
    }

    @Test
    public void columnsThatAreLeftOut() throws Exception {
        Statements table = Statements.of("id INT, v STRING DEFAULT 'none', n INT", "TBLPROPERTIES ('delta.feature.allowColumnDefaults' = 'supported')",
                "1, 'a', 1", "(2, 'b', 2)");
        table.say("MERGE INTO %s t USING (SELECT 2 AS id UNION ALL SELECT 3) s ON t.id = s.id WHEN MATCHED THEN UPDATE SET n = 7 WHEN NOT MATCHED THEN INSERT (id) VALUES (s.id)");
        table.sayToOurs("MERGE INTO %s t USING (SELECT 1 AS id, 9 AS n UNION ALL SELECT 4, 9) s ON t.id = s.id"
                + " WHEN MATCHED THEN UPDATE SET v = DEFAULT WHEN NOT MATCHED THEN INSERT (id, v, n) VALUES (s.id, DEFAULT, s.n)",
                "[1,none,1]", "[2,b,7]", "[3,none,null]", "[4,none,9]");
        table.sayToOurs("MERGE WITH SCHEMA EVOLUTION INTO %s t USING (SELECT 4 AS id, 'v' AS v, 3 AS n, 1 AS more) s ON t.id = s.id WHEN MATCHED THEN UPDATE SET *",
                "[1,none,1]", "[2,b,7]", "[3,none,null]", "[4,v,3]");
        table.assertFails("UNRESOLVED_COLUMN|cannot be resolved|Cannot resolve", "MERGE INTO %s t USING (SELECT 1 AS id) s ON t.id = s.id WHEN MATCHED THEN UPDATE SET *");
    }

    @Test
    public void whatRowsMustKeepTo() throws Exception {
        Statements table = Statements.of("id INT NOT NULL, c CHAR(3), v VARCHAR(3), n INT", "", "1, 'a', 'a', 1", "(2, 'b', 'b', 2)");
        sql("ALTER TABLE delta.`" + table.ours() + "` ADD CONSTRAINT small CHECK (n < 10)");
        String merge = "MERGE INTO %s t USING (SELECT 1 AS id, 'x' AS v, 5 AS n UNION ALL SELECT 3, 'y', 6) s ON t.id = s.id ";
        table.assertFails("NOT_NULL", merge + "WHEN MATCHED THEN UPDATE SET id = NULL");
        table.assertFails("NOT_NULL", merge + "WHEN NOT MATCHED THEN INSERT (id, n) VALUES (IF(s.n < 6, s.id, NULL), s.n)");
        table.assertFails("EXCEED_LIMIT_LENGTH", merge + "WHEN MATCHED THEN UPDATE SET v = 'long'");
        table.assertFails("EXCEED_LIMIT_LENGTH", merge + "WHEN NOT MATCHED THEN INSERT (id, c, n) VALUES (s.id, 'long', s.n)");
        table.assertFails("DELTA_VIOLATE_CONSTRAINT_WITH_VALUES", merge + "WHEN MATCHED THEN UPDATE SET n = t.n + s.n * 2");
        table.assertFails("DELTA_VIOLATE_CONSTRAINT_WITH_VALUES", merge + "WHEN NOT MATCHED BY SOURCE THEN UPDATE SET n = NULL");
        table.assertFails("DELTA_VIOLATE_CONSTRAINT_WITH_VALUES", merge + "WHEN NOT MATCHED THEN INSERT (id, n) VALUES (s.id, s.n + 4)");
        table.sayToOurs(merge + "WHEN MATCHED THEN UPDATE SET n = s.n, c = s.v WHEN NOT MATCHED THEN INSERT (id, c, v, n) VALUES (s.id, 'z', s.v, s.n)",
                "[1,x  ,a,5]", "[2,b  ,b,2]", "[3,z  ,y,6]");
    }

    @Test
    public void conditionsThatAreRefused() throws Exception {
        Statements table = table("");
        String merge = "MERGE INTO %s t USING " + source("(1L, 'x', 0)");
        table.assertFails("NON_DETERMINISTIC", merge + " ON t.id = s.id AND rand() < 2 WHEN MATCHED THEN DELETE");
        table.assertFails("[Ss]ubquer|SUBQUERY", merge + " ON t.id = s.id WHEN MATCHED AND s.p IN (SELECT p FROM %1$s) THEN DELETE");
        table.assertFails("UNRESOLVED_COLUMN", merge + " ON t.id = s.id WHEN NOT MATCHED BY SOURCE AND s.p = 1 THEN DELETE");
        table.assertRefused("SLUICE_PINNED_TABLE", "MERGE INTO lake.delta.`" + table.ours() + "@v1` t USING " + source("(1L, 'x', 0)") + " ON t.id = s.id WHEN MATCHED THEN DELETE");
    }
}
