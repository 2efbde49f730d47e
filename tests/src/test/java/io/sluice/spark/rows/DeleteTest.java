package io.sluice.spark.rows;

import static io.sluice.spark.SparkFixture.byPath;
import static io.sluice.spark.SparkFixture.freshName;
import static io.sluice.spark.SparkFixture.freshPath;
import static io.sluice.spark.SparkFixture.spark;
import static io.sluice.spark.SparkFixture.sql;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;

import io.sluice.spark.Twins;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Row;
import org.junit.Test;

/** DELETE FROM of rows within files, beside delta-spark's. */
public class DeleteTest {
    private static final String VECTORS = "TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')";

    private static Statements table(String more) {
        return Statements.of("id BIGINT, v STRING, p INT", more, "0, NULL, NULL", "(1, 'a', 1), (2, 'b', 2)",
                "(3, 'c', 1), (4, 'd', NULL), (5, NULL, 2), (6, 'f', 1)", "(7, 'g', 2), (8, 'h', NULL)");
    }

    @Test
    public void asDeltaSparkDoes() throws Exception {
        for (String more : List.of("", VECTORS, "PARTITIONED BY (p)")) {
            Statements table = table(more);
            table.say("DELETE FROM %s WHERE id <= 3 AND id > 1");
            table.say("DELETE FROM %s AS x WHERE x.v IN ('f', 'g') AND x.p = 1");
            table.assertNothingToDo("DELETE FROM %s WHERE v = 'nobody'");
            table.assertNothingToDo("DELETE FROM %s WHERE v = NULL");
            table.assertNothingToDo("DELETE FROM %s WHERE false AND id > 3");
            table.say("DELETE FROM %s WHERE v IS NULL AND p IS NULL");
            table.say("DELETE FROM %s WHERE NOT (v <=> 'd' OR p = 2)");
            table.say("DELETE FROM %s WHERE id = 5 OR v LIKE 'd%%'");
            table.say("DELETE FROM %s WHERE length(v) = 1");
            assertEquals(more, List.of(), Twins.sorted(table.ours()));
        }
    }

    /** As measured of delta-spark, see B1a. */
    @Test
    public void filesGoOrAreWrittenAnew() {
        Statements table = Statements.of("id BIGINT", "", "1", "(2)", "(3), (4), (5), (6)", "(7), (8)");
        table.say("DELETE FROM %s WHERE id <= 3");
        assertEquals("3", table.metrics().get("numRemovedFiles"));
        assertEquals("1", table.metrics().get("numAddedFiles"));
        assertEquals("3", table.metrics().get("numCopiedRows"));
        assertEquals("3", table.metrics().get("numDeletedRows"));
        assertEquals(2, sql("SELECT DISTINCT _metadata.file_path FROM " + table.name()).count());
    }

    /** The same of B1b: a file keeps its place as long as it has rows. */
    @Test
    public void rowsAreMarkedInDeletionVectors() {
        Statements table = Statements.of("id BIGINT", VECTORS, "1", "(2)", "(3), (4), (5), (6)", "(7), (8)");
        List<String> files = files(table);
        table.say("DELETE FROM %s WHERE id <= 3");
        assertCounts(table, 2, 1, 0, 0);
        table.say("DELETE FROM %s WHERE id = 4");
        assertCounts(table, 0, 1, 1, 1);
        table.say("DELETE FROM %s WHERE id = 5 OR id = 8");
        assertCounts(table, 0, 2, 1, 1);
        assertEquals(2, files(table).size());
        assertEquals(2, files(table).stream().filter(files::contains).count());
        table.say("DELETE FROM %s WHERE id = 6");
        assertCounts(table, 1, 0, 1, 0);
    }

    private static void assertCounts(Statements table, int removed, int added, int dropped, int updated) {
        var metrics = table.metrics();
        assertEquals(List.of("" + removed, "0", "" + added, "" + dropped, "" + updated, "0"),
                List.of(metrics.get("numRemovedFiles"), metrics.get("numAddedFiles"), metrics.get("numDeletionVectorsAdded"),
                        metrics.get("numDeletionVectorsRemoved"), metrics.get("numDeletionVectorsUpdated"), metrics.get("numCopiedRows")));
    }

    private static List<String> files(Statements table) {
        return Statements.rows(sql("SELECT DISTINCT _metadata.file_path FROM " + table.name()));
    }

    /** delta-spark refuses these. */
    @Test
    public void subqueries() {
        Statements table = table("");
        String other = "lake." + freshName("others");
        sql("CREATE TABLE " + other + " AS SELECT * FROM VALUES (1L, 'a'), (9L, 'x'), (NULL, NULL) AS o(id, v)");
        table.sayToOurs("DELETE FROM %s WHERE id IN (SELECT id FROM " + other + ")", "[0,null,null]", "[2,b,2]", "[3,c,1]", "[4,d,null]",
                "[5,null,2]", "[6,f,1]", "[7,g,2]", "[8,h,null]");
        table.sayToOurs("DELETE FROM %s WHERE id = (SELECT max(id) - 1 FROM " + other + ")", "[0,null,null]", "[2,b,2]", "[3,c,1]", "[4,d,null]",
                "[5,null,2]", "[6,f,1]", "[7,g,2]");
        table.sayToOurs("DELETE FROM %s t WHERE EXISTS (SELECT 1 FROM " + table.name() + " o WHERE o.p = t.p AND o.id > t.id)",
                "[0,null,null]", "[4,d,null]", "[6,f,1]", "[7,g,2]");
        table.sayToOurs("DELETE FROM %s WHERE id NOT IN (SELECT id FROM " + other + ")", "[0,null,null]", "[4,d,null]", "[6,f,1]", "[7,g,2]");
        table.sayToOurs("DELETE FROM %1$s WHERE id >= (SELECT avg(id) FROM %1$s)", "[0,null,null]", "[4,d,null]");
    }

    @Test
    public void conditionsOnWhatIsNested() {
        Statements table = Statements.of("id INT, s STRUCT<a: INT, b: ARRAY<STRING>>, m MAP<STRING, INT>", "",
                "1, named_struct('a', 1, 'b', array('x')), map('k', 1)", "(2, named_struct('a', NULL, 'b', array('y', 'x')), map('k', 2)), (3, NULL, NULL)");
        table.say("DELETE FROM %s WHERE s.a IS NULL AND array_contains(s.b, 'y')");
        table.say("DELETE FROM %s WHERE m['k'] = 1 AND s.b[0] = 'x'");
    }

    @Test
    public void manyRowsOfManyFiles() {
        Path table = freshPath("many");
        sql("CREATE TABLE " + byPath(table) + " (id BIGINT, v STRING)");
        spark().range(0, 60_000, 1, 4).selectExpr("id", "concat('value ', id) AS v").write().format("delta").mode("append").save(table.toString());
        for (String more : List.of("", "ALTER TABLE " + byPath(table) + " SET TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')")) {
            if (!more.isEmpty()) {
                sql(more);
            }
            String gone = more.isEmpty() ? "id % 3 = 1" : "id % 7 < 3 AND id > 20000";
            List<Row> left = sql("SELECT * FROM delta.`" + table + "` WHERE NOT (" + gone + ") ORDER BY id").collectAsList();
            sql("DELETE FROM " + byPath(table) + " WHERE " + gone + " AND v LIKE 'value%'");
            assertEquals(left, sql("SELECT * FROM delta.`" + table + "` ORDER BY id").collectAsList());
            assertEquals(left, sql("SELECT * FROM " + byPath(table) + " ORDER BY id").collectAsList());
        }
    }

    @Test
    public void whatIsNotDeleted() throws Exception {
        Statements table = table("");
        table.assertFails("INVALID_NON_DETERMINISTIC_EXPRESSIONS", "DELETE FROM %s WHERE rand() < 0.5");
        table.assertFails("FILTER_NOT_BOOLEAN", "DELETE FROM %s WHERE NULL");
        table.assertFails("UNRESOLVED_COLUMN", "DELETE FROM %s WHERE nothing = 1");
        table.assertFails("no luck", "DELETE FROM %s WHERE IF(id < 5, id > 1, CAST(raise_error('no luck') AS BOOLEAN))");
        table.assertRefused("SLUICE_PINNED_TABLE", "DELETE FROM lake.delta.`" + table.ours() + "@v1` WHERE id = 1");
    }

    /** They are named only by who asks for them. */
    @Test
    public void theColumnsThatNameRowsAreHidden() {
        Statements table = table("PARTITIONED BY (p)");
        assertEquals(List.of("id", "v", "p"), List.of(sql("SELECT * FROM " + table.name()).columns()));
        assertFalse(Statements.rows(sql("SHOW COLUMNS IN " + table.name())).toString().contains("_sluice"));
        List<Row> ids = sql("SELECT _sluice_file, _sluice_position, _metadata.row_index FROM " + table.name()).collectAsList();
        assertEquals(9, ids.stream().distinct().count());
        assertEquals(ids.size(), ids.stream().filter(row -> row.getLong(1) == row.getLong(2)).count());
        String taken = "lake." + freshName("taken");
        sql("CREATE TABLE " + taken + " AS SELECT 1L AS id, 2L AS _SLUICE_file");
        assertEquals(List.of("[1,2]"), Statements.rows(sql("SELECT * FROM " + taken)));
        io.sluice.spark.Failures.assertRefused("SLUICE_UNSUPPORTED_OPERATION", () -> sql("DELETE FROM " + taken + " WHERE id = 1"));
    }

    @Test
    public void theTablesOfCatalogsAndPaths() {
        String name = "lake." + freshName("deleted");
        sql("CREATE TABLE " + name + " AS SELECT * FROM range(10)");
        sql("DELETE FROM " + name + " WHERE id % 3 = 0");
        assertEquals(List.of("[1]", "[2]", "[4]", "[5]", "[7]", "[8]"), Statements.rows(spark().table(name)));
        sql("USE lake");
        try {
            sql("DELETE FROM " + name.substring("lake.".length()) + " WHERE id > 4");
        } finally {
            sql("USE spark_catalog");
        }
        assertEquals(List.of("[1]", "[2]", "[4]"), Statements.rows(spark().table(name)));
    }

    /** A plan that was cached is of the rows before. */
    @Test
    public void cachedPlansAreRefreshed() {
        String name = "lake." + freshName("cached");
        sql("CREATE TABLE " + name + " AS SELECT * FROM range(4)");
        spark().table(name).cache();
        assertEquals(4, spark().table(name).count());
        sql("DELETE FROM " + name + " WHERE id = 3");
        assertEquals(3, spark().table(name).count());
        sql("UPDATE " + name + " SET id = 7 WHERE id = 2");
        assertEquals(List.of("[0]", "[1]", "[7]"), Statements.rows(spark().table(name)));
        spark().catalog().uncacheTable(name);
    }
}
