package io.sluice.spark;

import static io.sluice.spark.Failures.assertFails;
import static io.sluice.spark.SparkFixture.delta;
import static io.sluice.spark.SparkFixture.freshName;
import static io.sluice.spark.SparkFixture.freshPath;
import static io.sluice.spark.SparkFixture.sql;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Row;
import org.junit.Test;

/** Namespaces of the catalog that have an owner, and a LOCATION in which tables are created. */
public class NamespaceTest {
    private final String namespace = "lake." + freshName("placed");
    private final Path place = freshPath("namespace");

    private static List<String> rows(String statement) {
        return sql(statement).collectAsList().stream().map(Row::toString).toList();
    }

    @Test
    public void tablesAreCreatedAtTheLocation() {
        sql("CREATE NAMESPACE " + namespace + " LOCATION '" + place + "'");
        assertTrue(rows("DESCRIBE NAMESPACE " + namespace).contains("[Location,file:" + place + "]"));
        sql("CREATE TABLE " + namespace + ".t (id INT)");
        sql("INSERT INTO " + namespace + ".t VALUES (1)");
        sql("CREATE TABLE " + namespace + ".`a u` AS SELECT 2 AS id");
        sql("CREATE OR REPLACE TABLE " + namespace + ".v AS SELECT 3 AS id");
        sql("CREATE OR REPLACE TABLE " + namespace + ".v AS SELECT 4 AS id");
        assertEquals("[[1]]", delta(place.resolve("t")).collectAsList().toString());
        assertEquals("[[2]]", delta(place.resolve("a u")).collectAsList().toString());
        assertEquals("[[4]]", delta(place.resolve("v")).collectAsList().toString());
        assertEquals(3, rows("SHOW TABLES IN " + namespace).size());
        assertTrue(rows("DESCRIBE EXTENDED " + namespace + ".t").contains("[Type,MANAGED,]"));
        assertFails("ALREADY_EXISTS", () -> sql("CREATE TABLE " + namespace + ".t (id INT)"));
        sql("ALTER TABLE " + namespace + ".t RENAME TO " + namespace.substring(5) + ".w");
        assertEquals(List.of("[1]"), rows("TABLE " + namespace + ".w"));
        sql("CREATE TABLE " + namespace + ".t AS SELECT 5 AS id");
        sql("INSERT INTO " + namespace + ".t VALUES (6)");
        assertEquals("its data is where it was", List.of("[1]"), rows("TABLE " + namespace + ".w"));
        sql("DROP TABLE " + namespace + ".w");
        assertFalse("its data goes with the table", Files.exists(place.resolve("t")));
        assertEquals(List.of("[5]", "[6]"), rows("SELECT * FROM " + namespace + ".t ORDER BY id"));
        sql("DROP NAMESPACE " + namespace + " CASCADE");
        assertFalse("and with the namespace", Files.exists(place.resolve("v")));
    }

    @Test
    public void theLocationIsOfTablesToCome() {
        sql("CREATE NAMESPACE " + namespace + " WITH DBPROPERTIES ('k' = 'v')");
        sql("CREATE TABLE " + namespace + ".before (id INT)");
        sql("ALTER NAMESPACE " + namespace + " SET LOCATION '" + place + "'");
        sql("CREATE TABLE " + namespace + ".after (id INT)");
        sql("CREATE TABLE " + namespace + ".own (id INT) LOCATION '" + place.resolve("mine") + "'");
        sql("INSERT INTO " + namespace + ".before VALUES (1)");
        assertEquals(List.of("[1]"), rows("TABLE " + namespace + ".before"));
        assertTrue(Files.exists(place.resolve("after")));
        assertFalse(Files.exists(place.resolve("before")));
        sql("DROP TABLE " + namespace + ".own");
        assertTrue("data at a LOCATION of its own stays", Files.exists(place.resolve("mine")));
    }

    @Test
    public void whoMadeANamespaceOwnsIt() {
        sql("CREATE NAMESPACE " + namespace);
        assertTrue(rows("DESCRIBE NAMESPACE " + namespace).contains("[Owner," + System.getProperty("user.name") + "]"));
    }
}
