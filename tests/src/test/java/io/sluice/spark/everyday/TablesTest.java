package io.sluice.spark.everyday;

import static io.sluice.spark.Failures.assertFails;
import static io.sluice.spark.everyday.Everyday.lake;
import static io.sluice.spark.everyday.Everyday.rows;
import static io.sluice.spark.everyday.Everyday.said;
import static io.sluice.spark.everyday.Everyday.session;
import static io.sluice.spark.everyday.Everyday.since;
import static io.sluice.spark.everyday.Everyday.sql;
import static io.sluice.spark.everyday.Everyday.tables;
import static org.apache.spark.sql.functions.col;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import io.sluice.spark.SparkFixture;
import io.sluice.spark.everyday.Everyday.Table;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import org.junit.Test;

/** Tables made, replaced, changed, shown, renamed and dropped. */
public class TablesTest {
    @Test
    public void createdWithData() {
        for (Table table : tables("ctas")) {
            String name = table.name();
            sql("CREATE TABLE " + name + " USING delta PARTITIONED BY (p) COMMENT 'made' TBLPROPERTIES ('k' = 'v') AS SELECT id, id % 2 AS p FROM range(3)");
            assertEquals(List.of("[0,0]", "[1,1]", "[2,0]"), table.rows());
            assertFails("ALREADY_EXISTS", () -> sql("CREATE TABLE " + name + " USING delta AS SELECT 1 AS id"));
            sql("CREATE TABLE IF NOT EXISTS " + name + " USING delta AS SELECT 1 AS id");
            sql("REPLACE TABLE " + name + " USING delta AS SELECT id + 1 AS id FROM " + name);
            assertEquals(List.of("[1]", "[2]", "[3]"), table.rows());
            sql("CREATE OR REPLACE TABLE " + name + " (s STRING) USING delta");
            assertEquals(List.of(), table.rows());
            assertEquals(List.of("[0,0]", "[1,1]", "[2,0]"), rows("SELECT * FROM " + name + " VERSION AS OF 0"));
            Table failed = lake("failed");
            assertFails("no luck", () -> sql("CREATE TABLE " + failed.name() + " AS SELECT CAST(raise_error('no luck') AS INT) AS x"));
            assertFalse(Files.exists(failed.path()));
        }
    }

    @Test
    public void createdFromDataFrames() throws Exception {
        for (Table table : tables("frames")) {
            var numbers = session().range(4).withColumn("p", col("id").mod(2));
            numbers.writeTo(table.name()).using("delta").partitionedBy(col("p")).tableProperty("k", "v").create();
            assertEquals(List.of("[0,0]", "[1,1]", "[2,0]", "[3,1]"), table.rows());
            assertFails("ALREADY_EXISTS", () -> numbers.writeTo(table.name()).using("delta").create());
            session().range(2).writeTo(table.name()).using("delta").replace();
            assertEquals(List.of("[0]", "[1]"), table.rows());
            session().range(1).writeTo(table.name()).using("delta").createOrReplace();
            numbers.write().format("delta").mode("overwrite").partitionBy("p").saveAsTable(table.name());
            assertEquals(4, table.rows().size());
            numbers.write().format("delta").mode("ignore").saveAsTable(table.name());
            assertFails("ALREADY_EXISTS", () -> numbers.write().format("delta").saveAsTable(table.name()));
            assertEquals(4, table.rows().size());
        }
    }

    @Test
    public void altered() {
        for (Table table : tables("altered")) {
            String name = table.name();
            table.create("id INT NOT NULL, i INT, s STRUCT<a: INT>", "TBLPROPERTIES ('delta.enableTypeWidening' = 'true')");
            sql("INSERT INTO " + name + " VALUES (1, 2, named_struct('a', 3))");
            for (String change : List.of("SET TBLPROPERTIES ('k' = 'v', 'delta.columnMapping.mode' = 'name')", "UNSET TBLPROPERTIES ('k')",
                    "ADD COLUMNS (t STRING COMMENT 'text', first DOUBLE FIRST)", "ADD COLUMN s.b STRING AFTER a", "ALTER COLUMN t COMMENT 'other'",
                    "ALTER COLUMN id DROP NOT NULL", "ALTER COLUMN i TYPE BIGINT", "RENAME COLUMN i TO `the number`", "DROP COLUMN t",
                    "ALTER COLUMN first AFTER id", "SET TBLPROPERTIES ('delta.feature.allowColumnDefaults' = 'supported')",
                    "ALTER COLUMN `the number` SET DEFAULT 42")) {
                sql("ALTER TABLE " + name + " " + change);
            }
            sql("COMMENT ON TABLE " + name + " IS 'changed'");
            // Spark 4.0 fills columns that are left out in tables of its own only.
            sql("INSERT INTO " + name + (since("4.1") ? " (id, s) VALUES (5, " : " VALUES (5, NULL, 42, ") + "named_struct('a', 6, 'b', 'x'))");
            assertEquals(List.of("id int", "first double", "the number bigint", "s struct<a:int,b:string>"), Arrays.stream(
                    table.read().schema().fields()).map(field -> field.name() + " " + field.dataType().simpleString()).toList());
            assertEquals(List.of("[1,null,2,[3,null]]", "[5,null,42,[6,x]]"), table.rows());
            assertFails("delta.nosuch", () -> sql("ALTER TABLE " + name + " SET TBLPROPERTIES ('delta.nosuch' = '1')"));
        }
    }

    @Test
    public void shown() throws Exception {
        for (Table table : tables("shown")) {
            String name = table.name();
            String own = name.substring(name.lastIndexOf('.') + 1);
            String namespace = name.substring(0, name.lastIndexOf('.'));
            table.create("id BIGINT COMMENT 'key', p STRING", "PARTITIONED BY (p) COMMENT 'what' TBLPROPERTIES ('mine' = 'yes')");
            sql("INSERT INTO " + name + " VALUES (1, 'a'), (2, 'b')");
            assertTrue(said("SHOW TABLES IN " + namespace).contains("," + own + ",false]"));
            assertTrue(said("SHOW TABLE EXTENDED IN " + namespace + " LIKE '" + own + "'").contains(own));
            assertEquals("[[id], [p]]", said("SHOW COLUMNS IN " + name));
            assertEquals("[[p=a], [p=b]]", said("SHOW PARTITIONS " + name));
            assertTrue(said("SHOW TBLPROPERTIES " + name).contains("[mine,yes]"));
            String described = said("DESCRIBE EXTENDED " + name);
            for (String part : List.of("[id,bigint,key]", "[p,string,null]", "[Comment,what,]", "[Provider,delta,]", "[Type,MANAGED,]", "# Partition Information")) {
                assertTrue(part + " is not in " + described, described.contains(part));
            }
            assertEquals("[[col_name,id], [data_type,bigint], [comment,key]]", said("DESCRIBE " + name + " id"));
            assertTrue(session().catalog().tableExists(name));
            assertEquals("what", session().catalog().getTable(name).description());
            String statement = sql("SHOW CREATE TABLE " + name).first().getString(0);
            sql("DROP TABLE " + name);
            sql(statement);
            assertEquals(statement, sql("SHOW CREATE TABLE " + name).first().getString(0));
            assertTrue(statement, statement.contains("PARTITIONED BY (p)") && statement.contains("'mine' = 'yes'"));
        }
    }

    @Test
    public void renamedAndDropped() {
        for (Table table : tables("renamed")) {
            String to = SparkFixture.freshName("other");
            String renamed = table.name().substring(0, table.name().lastIndexOf('.') + 1) + to;
            Table other = new Table(renamed, table.path().resolveSibling(to));
            table.create("id BIGINT", "");
            sql("INSERT INTO " + table.name() + " VALUES (1)");
            sql("ALTER TABLE " + table.name() + " RENAME TO " + renamed.substring(renamed.indexOf('.') + 1));
            assertEquals(List.of("[1]"), other.rows());
            assertFails("TABLE_OR_VIEW_NOT_FOUND", table::read);
            sql("DROP TABLE " + renamed);
            assertFalse(Files.exists(other.path()));
            assertFails("TABLE_OR_VIEW_NOT_FOUND", () -> sql("DROP TABLE " + renamed));
            sql("DROP TABLE IF EXISTS " + renamed);
            table.create("id BIGINT", "");
            sql("DROP TABLE " + table.name() + " PURGE");
            assertFalse(Files.exists(table.path()));
        }
    }

    @Test
    public void elsewhereAndLikeOthers() {
        var place = SparkFixture.freshPath("elsewhere");
        session().range(2).write().format("sluice").save(place.toString());
        for (Table table : tables("external")) {
            sql("CREATE TABLE " + table.name() + " USING delta LOCATION '" + place + "'");
            assertEquals(List.of("[0]", "[1]"), Everyday.sorted(table.read()));
            sql("DROP TABLE " + table.name());
            assertEquals(2, SparkFixture.delta(place).count());
        }
        if (since("4.2")) { // Before, Spark does not ask catalogs.
            Table like = lake("like");
            sql("CREATE TABLE " + like.name() + " LIKE lake.delta.`" + place + "`");
            assertEquals(List.of(), like.rows());
        }
    }

    @Test
    public void namespaces() {
        String db = SparkFixture.freshName("everyday_db");
        sql("CREATE NAMESPACE lake." + db + " COMMENT 'mine' WITH DBPROPERTIES ('a' = '1')");
        sql("ALTER NAMESPACE lake." + db + " SET PROPERTIES ('b' = '2')");
        assertTrue(said("SHOW NAMESPACES IN lake").contains("[" + db + "]"));
        assertTrue(said("DESCRIBE NAMESPACE EXTENDED lake." + db).contains("((a,1), (b,2))"));
        sql("CREATE TABLE lake." + db + ".t (id INT)");
        assertFails("SCHEMA_NOT_EMPTY", () -> sql("DROP NAMESPACE lake." + db));
        sql("DROP NAMESPACE lake." + db + " CASCADE");
        assertFalse(Files.exists(SparkFixture.warehouse().resolve(db)));
    }

    @Test
    public void allElseOfTheBuiltInCatalogIsSparks() {
        String plain = SparkFixture.freshName("plain");
        sql("CREATE TABLE " + plain + " USING parquet AS SELECT 1 AS id");
        for (Table table : tables("beside")) {
            sql("CREATE TABLE " + table.name() + " USING delta AS SELECT 2 AS id");
            assertEquals(List.of("[1]", "[2]"), rows("SELECT id FROM " + plain + " UNION ALL SELECT id FROM " + table.name()));
        }
        sql("CREATE VIEW " + plain + "_view AS SELECT id + 1 AS next FROM " + plain);
        assertEquals(List.of("[2]"), rows("TABLE " + plain + "_view"));
        sql("DROP VIEW " + plain + "_view");
        sql("DROP TABLE " + plain);
        assertFails("DATA_SOURCE_NOT_FOUND", () -> sql("CREATE TABLE " + plain + " (id INT) USING nosuch"));
    }
}
