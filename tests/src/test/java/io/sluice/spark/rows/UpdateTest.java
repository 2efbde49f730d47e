package io.sluice.spark.rows;

import static io.sluice.spark.SparkFixture.freshName;
import static io.sluice.spark.SparkFixture.sql;
import static org.junit.Assert.assertEquals;

import java.util.List;
import org.junit.Test;

/** UPDATE, beside delta-spark's. */
public class UpdateTest {
    private static final String VECTORS = "TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')";

    private static Statements table(String more) {
        return Statements.of("id BIGINT, v STRING, p INT", more, "0, NULL, NULL", "(1, 'a', 1), (2, 'b', 2)",
                "(3, 'c', 1), (4, 'd', NULL), (5, NULL, 2), (6, 'f', 1)", "(7, 'g', 2), (8, 'h', NULL)");
    }

    @Test
    public void asDeltaSparkDoes() throws Exception {
        for (String more : List.of("", VECTORS, "PARTITIONED BY (p)")) {
            Statements table = table(more);
            table.say("UPDATE %s SET v = 'new' WHERE id BETWEEN 2 AND 4");
            table.say("UPDATE %s SET v = concat(v, '!'), id = id + 100 WHERE p = 1");
            table.say("UPDATE %s AS x SET x.p = x.p + 1, v = NULL WHERE x.v IS NOT NULL AND x.id > 100");
            table.say("UPDATE %s SET p = NULL WHERE p = 2 AND id < 3");
            table.assertNothingToDo("UPDATE %s SET v = 'x' WHERE id = -1");
            table.assertNothingToDo("UPDATE %s SET v = 'x' WHERE v = NULL");
            table.assertNothingToDo("UPDATE %s SET v = 'x' WHERE false");
            table.say("UPDATE %s SET v = v WHERE p IS NULL");
            table.say("UPDATE %s SET id = id + 1");
        }
    }

    @Test
    public void filesAreWrittenAnewOrMarked() {
        Statements plain = Statements.of("id BIGINT, v INT", "", "1, 1", "(2, 2), (3, 3), (4, 4)");
        plain.say("UPDATE %s SET v = 9 WHERE id < 3");
        assertEquals("2", plain.metrics().get("numUpdatedRows"));
        assertEquals("2", plain.metrics().get("numCopiedRows"));
        assertEquals("2", plain.metrics().get("numRemovedFiles"));
        Statements vectors = Statements.of("id BIGINT, v INT", VECTORS, "1, 1", "(2, 2), (3, 3), (4, 4)");
        vectors.say("UPDATE %s SET v = 9 WHERE id < 3");
        assertEquals("2", vectors.metrics().get("numUpdatedRows"));
        assertEquals("0", vectors.metrics().get("numCopiedRows"));
        assertEquals("1", vectors.metrics().get("numDeletionVectorsAdded"));
    }

    /** Those of conditions delta-spark refuses. */
    @Test
    public void subqueries() {
        Statements table = table("");
        table.say("UPDATE %1$s SET v = (SELECT max(v) FROM %1$s) WHERE id IN (1, 4)");
        String other = "lake." + freshName("others");
        sql("CREATE TABLE " + other + " AS SELECT * FROM VALUES (3L, 'three'), (6L, 'six') AS o(id, v)");
        table.sayToOurs("UPDATE %s SET v = 'other', p = 0 WHERE id IN (SELECT id FROM " + other + ")", "[0,null,null]", "[1,h,1]", "[2,b,2]", "[3,other,0]",
                "[4,h,null]", "[5,null,2]", "[6,other,0]", "[7,g,2]", "[8,h,null]");
        table.sayToOurs("UPDATE %s t SET v = (SELECT o.v FROM " + other + " o WHERE o.id = t.id) WHERE p = 0", "[0,null,null]", "[1,h,1]", "[2,b,2]",
                "[3,three,0]", "[4,h,null]", "[5,null,2]", "[6,six,0]", "[7,g,2]", "[8,h,null]");
    }

    @Test
    public void fieldsOfStructs() throws Exception {
        Statements table = Statements.of("id INT, s STRUCT<a: INT, b: STRUCT<x: INT, y: STRING>>, l ARRAY<INT>, m MAP<STRING, INT>", "",
                "1, named_struct('a', 1, 'b', named_struct('x', 1, 'y', 'one')), array(1), map('k', 1)", "(2, NULL, NULL, NULL)");
        table.say("UPDATE %s SET s.a = 10, s.b.x = 20 WHERE id = 1");
        table.say("UPDATE %s SET s.b = named_struct('x', 7, 'y', 'seven'), l = array(id, 2), m = map('k', 5, 'l', 6)");
        table.assertFails("FIELD_NOT_FOUND|UNRESOLVED", "UPDATE %s SET s.nothing = 1");
        table.assertFails("INVALID_ROW_LEVEL_OPERATION_ASSIGNMENTS", "UPDATE %s SET s.a = 1, s = NULL");
    }

    @Test
    public void castsOfStoreAssignment() throws Exception {
        Statements table = Statements.of("id INT, t TINYINT, i INT, d DECIMAL(4,2), day DATE, s STRING, b BOOLEAN", "", "1, 1, 1, 1, DATE'2020-01-01', 'x', true",
                "(2, 2, 2, 2, DATE'2020-01-02', 'y', false)");
        table.say("UPDATE %s SET t = 7L, i = 1.7D, d = 1.239, s = 12 WHERE id = 1");
        table.say("UPDATE %s SET s = day, d = id, i = NULL");
        table.assertFails("CAST_OVERFLOW|overflow", "UPDATE %s SET t = id + 300");
        table.assertFails("INCOMPATIBLE_DATA|CANNOT_SAFELY_CAST|DATATYPE_MISMATCH", "UPDATE %s SET day = 5");
    }

    @Test
    public void whatRowsMustKeepTo() throws Exception {
        Statements table = Statements.of("id INT NOT NULL, c CHAR(3), v VARCHAR(3), n INT", "", "1, 'a', 'a', 1", "(2, 'b', 'b', 2)");
        sql("ALTER TABLE delta.`" + table.ours() + "` ADD CONSTRAINT small CHECK (n < 10)");
        table.sayToOurs("UPDATE %s SET c = 'xy', v = 'xyz', n = 9 WHERE id = 1", "[1,xy ,xyz,9]", "[2,b  ,b,2]");
        table.assertFails("NOT_NULL|NULL", "UPDATE %s SET id = NULL WHERE id = 1");
        table.assertFails("NOT_NULL|NULL", "UPDATE %s SET id = IF(n < 5, id, NULL)");
        table.assertFails("EXCEED_LIMIT_LENGTH|EXCEED_CHAR_VARCHAR", "UPDATE %s SET v = 'long' WHERE id = 1");
        table.assertFails("EXCEED_LIMIT_LENGTH|EXCEED_CHAR_VARCHAR", "UPDATE %s SET c = concat(c, 'x') WHERE id = 1");
        table.assertFails("DELTA_VIOLATE_CONSTRAINT_WITH_VALUES", "UPDATE %s SET n = n + 5");
        table.assertFails("DELTA_VIOLATE_CONSTRAINT_WITH_VALUES", "UPDATE %s SET n = NULL");
        table.sayToOurs("UPDATE %s SET n = n - 2", "[1,xy ,xyz,7]", "[2,b  ,b,0]");
        table.sayToOurs("UPDATE %s SET n = 1 WHERE c = 'b' AND v = 'b'", "[1,xy ,xyz,7]", "[2,b  ,b,1]");
    }

    @Test
    public void defaults() {
        Statements table = Statements.of("id INT, v STRING DEFAULT 'none', n INT", "TBLPROPERTIES ('delta.feature.allowColumnDefaults' = 'supported')",
                "1, 'a', 1", "(2, 'b', 2)");
        table.say("UPDATE %s SET v = DEFAULT, n = DEFAULT WHERE id = 2");
    }

    @Test
    public void whatIsNotUpdated() throws Exception {
        Statements table = table("");
        table.assertFails("INVALID_NON_DETERMINISTIC_EXPRESSIONS", "UPDATE %s SET v = 'x' WHERE rand() < 0.5");
        table.assertFails("UNRESOLVED_COLUMN", "UPDATE %s SET nothing = 1");
        table.assertFails("no luck", "UPDATE %s SET v = IF(id < 5, v, raise_error('no luck'))");
        table.assertRefused("SLUICE_PINNED_TABLE", "UPDATE lake.delta.`" + table.ours() + "@v1` SET v = 'x'");
    }
}
