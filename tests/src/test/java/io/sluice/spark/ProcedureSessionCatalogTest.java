package io.sluice.spark;

import static io.sluice.spark.Failures.assertFails;
import static io.sluice.spark.SparkFixture.freshName;
import static io.sluice.spark.SparkFixture.freshPath;
import static io.sluice.spark.SparkFixture.spark;
import static io.sluice.spark.TwoSessions.delta;
import static io.sluice.spark.TwoSessions.sql;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.parser.ParseException;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.junit.Test;

/**
 * Procedures in the built-in catalog; and DESCRIBE HISTORY and DESCRIBE DETAIL, which are ours for tables of ours and
 * delta-spark's for its own, whichever of both extensions comes first: where the tests are run with a metastore, it is ours.
 */
public class ProcedureSessionCatalogTest {
    private final String name = freshName("described");

    /** What a session makes of a text before it looks at any table. */
    private static LogicalPlan parsed(SparkSession session, String statement) throws Exception {
        return ((org.apache.spark.sql.classic.SparkSession) session).sessionState().sqlParser().parsePlan(statement);
    }

    private static void assertAlike(Dataset<Row> expected, Dataset<Row> actual) {
        assertEquals(expected.schema(), actual.schema());
        assertEquals(expected.collectAsList(), actual.collectAsList());
    }

    @Test
    public void proceduresOfTheBuiltInCatalog() {
        sql("CREATE TABLE " + name + " (id INT) USING delta COMMENT 'mine'");
        sql("INSERT INTO " + name + " VALUES (1)");
        for (String procedure : List.of("history", "detail")) {
            Dataset<Row> expected = delta("DESCRIBE " + procedure + " " + name);
            for (String table : List.of(name, "default." + name, "spark_catalog.default." + name)) {
                assertAlike(expected, sql("CALL spark_catalog.system." + procedure + "('" + table + "')"));
                assertAlike(expected, sql("DESCRIBE " + procedure + " " + table));
            }
            assertAlike(expected, sql("CALL system." + procedure + "('" + name + "')"));
        }
        assertEquals(1, sql("DESC HISTORY " + name + " LIMIT 1").count());
        sql("CREATE TABLE " + name + "_other (id INT) USING parquet");
        sql("CREATE VIEW " + name + "_view AS SELECT 1 AS id");
        assertFails("DELTA_ONLY_OPERATION.*Cannot call history for .*_other", () -> sql("CALL system.history('" + name + "_other')"));
        assertFails("DELTA_ONLY_OPERATION|TABLE_OR_VIEW_NOT_FOUND", () -> sql("CALL system.detail('" + name + "_view')"));
        assertFails("TABLE_OR_VIEW_NOT_FOUND", () -> sql("DESCRIBE DETAIL nothing_" + name));
    }

    @Test
    public void statementsAboutTablesOfOurs() {
        String table = "lake." + freshName("db") + "." + name;
        delta("CREATE TABLE " + table + " (id INT)");
        delta("INSERT INTO " + table + " VALUES (1)");
        Dataset<Row> history = delta("CALL lake.system.history('" + table + "')");
        for (String statement : List.of("DESCRIBE HISTORY " + table, "desc history\n" + table + ";", "DESC /* of */ HISTORY -- ours\n" + table.replace(".", " . ") + " ; ;",
                "DESCRIBE HISTORY " + table + " LIMIT 2", "DESCRIBE HISTORY `lake`." + table.substring("lake.".length()) + "\tlimit 99;")) {
            assertAlike(history, delta(statement));
            assertAlike(history, sql(statement));
        }
        assertEquals(List.of(1L), delta("DESCRIBE HISTORY " + table + " LIMIT 1").collectAsList().stream().map(commit -> commit.getLong(0)).toList());
        assertAlike(delta("CALL lake.system.detail('" + table + "')"), delta("DESC DETAIL " + table));
        assertFails("TABLE_OR_VIEW_NOT_FOUND", () -> delta("DESCRIBE HISTORY " + table + "_none"));
    }

    @Test
    public void statementsAboutPaths() throws Exception {
        Path path = freshPath("it's `described`");
        spark().range(1).write().format("delta").save(path.toString());
        List<String> ways = List.of("'" + path.toString().replace("'", "\\'") + "'", "\"" + path + "\"", "'" + path.getParent() + "/' \"" + path.getFileName() + "\"",
                "delta.`" + path.toString().replace("`", "``") + "`");
        for (String procedure : List.of("HISTORY", "DETAIL")) {
            for (String way : ways) {
                Dataset<Row> expected = delta("DESCRIBE " + procedure + " " + way);
                assertAlike(expected, sql("DESCRIBE " + procedure + " " + way));
                assertTrue(parsed(spark(), "DESCRIBE " + procedure + " " + way).getClass().getName().contains(".delta."));
            }
        }
    }

    @Test
    public void whatIsNotOursIsLeftToOthers() throws Exception {
        delta("CREATE TABLE " + name + " (id INT, x INT) USING delta");
        delta("INSERT INTO " + name + " VALUES (1, 2)");
        LogicalPlan history = parsed(spark(), "DESCRIBE HISTORY " + name);
        assertTrue(history.getClass().getName(), history.getClass().getName().contains(".delta."));
        assertEquals(2, delta("DESCRIBE HISTORY spark_catalog.default." + name).count());
        String db = freshName("other");
        sql("CREATE DATABASE " + db);
        sql("CREATE TABLE " + db + ".history (t INT) USING parquet");
        assertEquals("t", sql("DESCRIBE " + db + ".history").first().getString(0));
        for (String statement : List.of("DESCRIBE history", "DESCRIBE TABLE history t", "DESCRIBE history t AS JSON", "DESCRIBE DETAIL t LIMIT 1", "DESCRIBE historyof t", "SELECT 'DESCRIBE HISTORY t'")) {
            assertFalse(statement, isTaken(statement));
        }
        assertTrue(isTaken("DESCRIBE history t"));
        assertFails("PARSE_SYNTAX_ERROR.*nonsense", () -> sql("SELECT FROM nonsense nonsense nonsense"));
    }

    /** Whether a statement is one of these, be it ours or delta-spark's. */
    private static boolean isTaken(String statement) throws Exception {
        try {
            return parsed(TwoSessions.ours(), statement).getClass().getSimpleName().matches("Call|DescribeDelta(History|DetailCommand)");
        } catch (ParseException e) {
            return false;
        }
    }
}
