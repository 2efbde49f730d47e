package io.sluice.spark;

import static io.sluice.spark.Failures.assertFails;
import static io.sluice.spark.SparkFixture.freshName;
import static io.sluice.spark.SparkFixture.freshPath;
import static io.sluice.spark.SparkFixture.spark;
import static io.sluice.spark.TwoSessions.delta;
import static io.sluice.spark.TwoSessions.detail;
import static io.sluice.spark.TwoSessions.last;
import static io.sluice.spark.TwoSessions.ours;
import static io.sluice.spark.TwoSessions.place;
import static io.sluice.spark.TwoSessions.rows;
import static io.sluice.spark.TwoSessions.sql;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.connector.catalog.Identifier;
import org.apache.spark.sql.connector.catalog.TableCatalog;
import org.junit.Test;

/** The built-in catalog with native Delta tables; over a Hive metastore, too, where the tests are run with one. */
public class SessionCatalogTest {
    private final String name = freshName("session");

    @Test
    public void constraintsAreForDeltaTables() {
        sql("CREATE TABLE " + name + " (id INT) USING delta");
        sql("ALTER TABLE " + name + " ADD CONSTRAINT positive CHECK (id > 0)");
        sql("INSERT INTO " + name + " VALUES (1)");
        assertFails("DELTA_VIOLATE_CONSTRAINT_WITH_VALUES", () -> sql("INSERT INTO " + name + " VALUES (-1)"));
        assertFails("DELTA_VIOLATE_CONSTRAINT_WITH_VALUES", () -> delta("INSERT INTO " + name + " VALUES (-1)"));
        assertEquals(List.of("[1]"), rows(name));
        sql("ALTER TABLE " + name + " DROP CONSTRAINT positive");
        sql("INSERT INTO " + name + " VALUES (-1)");
        String other = freshName("parquet");
        sql("CREATE TABLE " + other + " (id INT) USING parquet");
        assertFails("(?i)constraint|not supported", () -> sql("ALTER TABLE " + other + " ADD CONSTRAINT positive CHECK (id > 0)"));
    }

    @Test
    public void metadataTables() {
        sql("CREATE TABLE " + name + " (id INT, p STRING) USING delta PARTITIONED BY (p)");
        delta("INSERT INTO " + name + " VALUES (1, 'a')");
        sql("INSERT INTO " + name + " VALUES (2, 'b')");
        String table = "default." + name;
        for (String named : List.of(table, "spark_catalog." + table, "delta.`" + place(name) + "`")) {
            assertEquals(named, List.of("[a,1]", "[b,1]"), sql("SELECT partition.p, record_count FROM " + named + ".files ORDER BY 1").collectAsList()
                    .stream().map(Object::toString).toList());
        }
        assertEquals(1, sql("SELECT * FROM " + table + ".partitions VERSION AS OF 1").count());
        assertTrue(ours().catalog().tableExists("spark_catalog." + table + ".txns"));
        assertFails("REQUIRES_SINGLE_PART_NAMESPACE", () -> sql("DROP TABLE " + table + ".files"));
        assertFails("Cannot alter default." + name + ".files: it is a metadata table", () -> sql("ALTER TABLE " + table + ".files SET TBLPROPERTIES ('a' = 'b')"));
        assertFails("Cannot write to .*" + name + ".properties: it is a metadata table", () -> sql("INSERT INTO " + table + ".properties VALUES ('a', 'b')"));
        assertFails("REQUIRES_SINGLE_PART_NAMESPACE|NOT_FOUND", () -> sql("SELECT * FROM default.nobody.files"));
        String other = freshName("parquet");
        sql("CREATE TABLE " + other + " (id INT) USING parquet");
        assertFails("REQUIRES_SINGLE_PART_NAMESPACE|NOT_FOUND", () -> sql("SELECT * FROM default." + other + ".files"));
    }

    @Test
    public void tablesOfOursAreDeltas() {
        sql("CREATE TABLE " + name + " (id INT, p STRING) USING delta PARTITIONED BY (p) COMMENT 'mine'");
        sql("INSERT INTO " + name + " VALUES (1, 'a')");
        assertTrue(last(name, "engineInfo").contains("Sluice"));
        delta("INSERT INTO " + name + " VALUES (2, 'b')");
        assertEquals(List.of("[1,a]", "[2,b]"), rows(name));
        delta("DELETE FROM " + name + " WHERE id = 1");
        sql("ALTER TABLE " + name + " ADD COLUMN more INT");
        sql("INSERT INTO " + name + " VALUES (3, 'c', 4)");
        assertEquals(List.of("[2,b,null]", "[3,c,4]"), rows(name));
        assertTrue(sql("DESCRIBE EXTENDED " + name).collectAsList().toString().contains("MANAGED"));
        Path place = place(name);
        sql("DROP TABLE " + name);
        assertFalse(Files.exists(place));
        assertFalse(spark().catalog().tableExists(name));
        assertFails("TABLE_OR_VIEW_NOT_FOUND", () -> sql("DROP TABLE " + name));
    }

    @Test
    public void whatCreatesATableIsShownAndPurgingRemovesIt() {
        sql("CREATE TABLE " + name + " (id INT COMMENT 'key', p STRING) USING delta PARTITIONED BY (p) COMMENT 'what' TBLPROPERTIES ('mine' = 'yes')");
        String statement = sql("SHOW CREATE TABLE " + name).first().getString(0);
        for (String part : List.of("id INT COMMENT 'key'", "USING delta", "PARTITIONED BY (p)", "COMMENT 'what'", "'mine' = 'yes'")) {
            assertTrue(statement, statement.contains(part));
        }
        Path place = place(name);
        assertTrue(Files.exists(place));
        sql("DROP TABLE " + name + " PURGE");
        assertFalse(Files.exists(place));
        sql(statement);
        assertEquals(statement, sql("SHOW CREATE TABLE " + name).first().getString(0));
        sql("INSERT OVERWRITE " + name + " VALUES (1, 'a'), (2, 'b')");
        sql("DELETE FROM " + name + " WHERE p = 'a'");
        assertEquals(List.of("[2,b]"), rows(name));
        sql("DROP TABLE " + name);
    }

    @Test
    public void tablesAreRenamedIntoOneNamespaceOnly() throws Exception {
        sql("CREATE TABLE " + name + " (id INT) USING delta");
        TableCatalog catalog = (TableCatalog) ours().sessionState().catalogManager().v2SessionCatalog();
        Identifier from = Identifier.of(new String[] {"default"}, name);
        assertFails("SINGLE_PART_NAMESPACE", () -> catalog.renameTable(from, Identifier.of(new String[] {"a", "b"}, name)));
        assertFails("SINGLE_PART_NAMESPACE", () -> catalog.renameTable(from, Identifier.of(new String[0], name)));
        assertFails("SINGLE_PART_NAMESPACE", () -> sql("ALTER TABLE " + name + " RENAME TO lake.db." + name));
        assertTrue(catalog.tableExists(from));
        sql("DROP TABLE " + name);
    }

    @Test
    public void upkeepEndsBeforeATableGoes() {
        for (int round = 0; round < 5; round++) {
            sql("CREATE TABLE " + name + " (id INT) USING delta");
            Path place = place(name);
            sql("ALTER TABLE " + name + " SET TBLPROPERTIES ('round' = 'a')");
            sql("ALTER TABLE " + name + " SET TBLPROPERTIES ('round' = 'b')");
            sql("DROP TABLE " + name);
            assertFalse(Files.exists(place));
        }
    }

    @Test
    public void theDefaultSourceMayBeDelta() throws Exception {
        ours().conf().set("spark.sql.sources.default", "delta");
        try {
            sql("CREATE TABLE " + name + " (id BIGINT)");
            sql("INSERT INTO " + name + " VALUES (1)");
            sql("CREATE TABLE " + name + "_as AS SELECT 2L AS id");
            ours().range(3, 4).writeTo(name + "_to").create();
            ours().range(4, 5).write().saveAsTable(name + "_saved");
        } finally {
            ours().conf().unset("spark.sql.sources.default");
            SparkSession.setActiveSession(spark());
        }
        List<String> suffixes = List.of("", "_as", "_to", "_saved");
        for (int i = 0; i < suffixes.size(); i++) {
            String table = name + suffixes.get(i);
            assertEquals(List.of("[" + (i + 1) + "]"), rows(table));
            assertTrue(table, last(table, "engineInfo").contains("Sluice"));
            sql("DROP TABLE " + table);
        }
    }

    @Test
    public void tablesOfDeltaAreOurs() {
        delta("CREATE TABLE " + name + " (id INT) USING delta TBLPROPERTIES ('delta.columnMapping.mode' = 'name')");
        sql("INSERT INTO " + name + " VALUES (1)");
        assertTrue(last(name, "engineInfo").contains("Sluice"));
        sql("ALTER TABLE " + name + " RENAME COLUMN id TO key");
        assertEquals(List.of("[1]"), rows(name));
        assertEquals("key", delta("DESCRIBE TABLE " + name).first().getString(0));
        sql("ALTER TABLE " + name + " RENAME TO spark_catalog.default." + name + "_renamed");
        assertEquals(List.of("[1]"), rows(name + "_renamed"));
        sql("INSERT INTO " + name + "_renamed VALUES (2)");
        delta("CREATE TABLE " + name + " (id INT) USING delta");
        assertFails("ALREADY_EXISTS", () -> sql("ALTER TABLE " + name + " RENAME TO " + name + "_renamed"));
        delta("DROP TABLE " + name + "_renamed");
        assertFails("TABLE_OR_VIEW_NOT_FOUND", () -> sql("INSERT INTO " + name + "_renamed VALUES (2)"));
    }

    @Test
    public void tablesAreCreatedAndReplacedWithData() throws Exception {
        sql("CREATE TABLE " + name + " USING delta AS SELECT id FROM range(3)");
        assertEquals(List.of("[0]", "[1]", "[2]"), rows(name));
        assertEquals("CREATE TABLE AS SELECT", last(name, "operation"));
        assertFails("ALREADY_EXISTS", () -> sql("CREATE TABLE " + name + " USING delta AS SELECT 1 AS id"));
        sql("CREATE OR REPLACE TABLE " + name + " USING delta AS SELECT 'x' AS s");
        sql("REPLACE TABLE " + name + " USING delta AS SELECT 'y' AS s, 2 AS n");
        assertEquals(List.of("[y,2]"), rows(name));
        assertEquals("REPLACE TABLE AS SELECT", last(name, "operation"));
        ours().range(2).toDF("id").write().format("delta").mode("append").saveAsTable(name + "_2");
        assertEquals(2, rows(name + "_2").size());
        String failed = name + "_failed";
        assertFails("no luck", () -> sql("CREATE TABLE " + failed + " USING delta AS SELECT CAST(raise_error('no luck') AS INT) AS x FROM range(2)"));
        assertFalse(spark().catalog().tableExists(failed));
        sql("CREATE OR REPLACE TABLE " + failed + " USING delta AS SELECT 1 AS id");
        assertEquals(List.of("[1]"), rows(failed));
    }

    @Test
    public void tablesLieElsewhere() {
        Path place = freshPath("external");
        sql("CREATE TABLE " + name + " (id INT) USING delta LOCATION '" + place + "'");
        sql("INSERT INTO " + name + " VALUES (1)");
        assertEquals(place, place(name));
        assertTrue(sql("DESCRIBE EXTENDED " + name).collectAsList().toString().contains("EXTERNAL"));
        sql("DROP TABLE " + name);
        assertTrue(Files.exists(place.resolve("_delta_log")));
        sql("CREATE TABLE " + name + " USING delta LOCATION '" + place + "'");
        assertEquals(List.of("[1]"), rows(name));
        assertFails("DELTA_CREATE_TABLE_SCHEME_MISMATCH", () -> sql("CREATE TABLE " + name + "_2 (other STRING) USING delta LOCATION '" + place + "'"));
        sql("INSERT INTO delta.`" + place + "` VALUES (2)");
        assertEquals(List.of("[1]", "[2]"), rows(name));
        assertTrue(last(name, "engineInfo").contains("Sluice"));
        sql("ALTER TABLE delta.`" + place + "` SET TBLPROPERTIES ('k' = 'v')");
        assertTrue(detail(name, "properties").contains("k"));
        assertFails("DELTA_CREATE_TABLE_WITH_NON_EMPTY_LOCATION", () -> sql("CREATE TABLE " + name + "_3 (id INT) USING delta LOCATION '" + place.getParent() + "'"));
        sql("CREATE OR REPLACE TABLE " + name + "_3 USING delta LOCATION '" + place + "' AS SELECT 9 AS id");
        assertEquals(List.of("[9]"), rows(name));
    }

    /** What lies where Spark would have a table is not taken for it, nor dropped with it. */
    @Test
    public void placesOfTheWarehouseAreFree() throws Exception {
        sql("CREATE TABLE " + name + " (id INT) USING delta");
        Path warehouse = place(name).getParent();
        String other = freshName("neighbour");
        sql("CREATE TABLE " + name + "_2 (id INT) USING delta LOCATION '" + warehouse.resolve(other) + "'");
        sql("INSERT INTO " + name + "_2 VALUES (1)");
        for (String statement : List.of("CREATE TABLE %s (id INT) USING delta", "CREATE TABLE %s USING delta AS SELECT 1 AS id",
                "CREATE OR REPLACE TABLE %s USING delta AS SELECT 1 AS id")) {
            assertFails("DELTA_CREATE_TABLE_WITH_NON_EMPTY_LOCATION|LOCATION_ALREADY_EXISTS", () -> sql(statement.formatted(other)));
            assertFalse(spark().catalog().tableExists(other));
        }
        Files.createDirectories(warehouse.resolve(other + "_files"));
        Files.writeString(warehouse.resolve(other + "_files").resolve("notes.txt"), "mine");
        assertFails("DELTA_CREATE_TABLE_WITH_NON_EMPTY_LOCATION|LOCATION_ALREADY_EXISTS", () -> sql("CREATE TABLE " + other + "_files (id INT) USING delta"));
        assertTrue(Files.exists(warehouse.resolve(other + "_files").resolve("notes.txt")));
        assertEquals(List.of("[1]"), rows(name + "_2"));
    }

    @Test
    public void aTableIsReplacedWhereItLies() {
        Path there = freshPath("replaced");
        sql("CREATE TABLE " + name + " USING delta LOCATION '" + there + "' AS SELECT 1 AS id");
        for (String statement : List.of("CREATE OR REPLACE TABLE ", "REPLACE TABLE ")) {
            assertFails("DELTA_CREATE_TABLE_IDENTIFIER_LOCATION_MISMATCH",
                    () -> sql(statement + name + " USING delta LOCATION '" + freshPath("elsewhere") + "' AS SELECT 2 AS id"));
        }
        assertEquals(List.of("[1]"), rows(name));
        sql("CREATE OR REPLACE TABLE " + name + " USING delta LOCATION '" + there + "' AS SELECT 3 AS id");
        assertEquals(List.of("[3]"), rows(name));
        assertEquals(there, place(name));
    }

    @Test
    public void everythingElseIsSparks() {
        sql("CREATE TABLE " + name + " (id INT) USING parquet");
        sql("INSERT INTO " + name + " VALUES (1)");
        assertEquals("[[1]]", sql("SELECT * FROM " + name).collectAsList().toString());
        sql("CREATE TABLE " + name + "_csv USING csv AS SELECT 1 AS id");
        sql("ALTER TABLE " + name + " ADD COLUMN more STRING");
        sql("ALTER TABLE " + name + " RENAME TO " + name + "_2");
        sql("CREATE VIEW " + name + "_view AS SELECT * FROM " + name + "_2");
        assertEquals(1, sql("SELECT * FROM " + name + "_view").count());
        sql("CREATE DATABASE " + name + "_db");
        sql("CREATE TABLE " + name + "_db.t (id INT) USING delta");
        assertEquals(List.of("t"), sql("SHOW TABLES IN " + name + "_db").collectAsList().stream().map(row -> row.getString(1)).toList());
        assertFails("SCHEMA_NOT_EMPTY", () -> sql("DROP DATABASE " + name + "_db"));
        sql("DROP DATABASE " + name + "_db CASCADE");
        sql("DROP VIEW " + name + "_view");
        sql("DROP TABLE " + name + "_2");
        assertFails("SCHEMA_NOT_FOUND", () -> sql("CREATE TABLE nosuch.t (id INT) USING delta"));
        assertFails("REPLACE TABLE|replace", () -> sql("REPLACE TABLE " + name + "_csv USING delta AS SELECT 1 AS id"));
    }

    @Test
    public void tablesThereAreDeclaredAsTheyAre() {
        Path place = freshPath("session");
        delta("CREATE TABLE delta.`" + place + "` (id INT NOT NULL, p STRING) USING delta PARTITIONED BY (p) TBLPROPERTIES ('k' = 'v', 'delta.columnMapping.mode' = 'name')");
        assertBothRefuse("(id INT NOT NULL, other STRING) USING delta PARTITIONED BY (other)", place);
        assertBothRefuse("(id BIGINT NOT NULL, p STRING) USING delta PARTITIONED BY (p)", place);
        assertBothRefuse("(id INT, p STRING) USING delta PARTITIONED BY (p)", place);
        assertBothRefuse("(id INT NOT NULL, p STRING) USING delta", place);
        assertBothRefuse("USING delta TBLPROPERTIES ('k' = 'other', 'delta.columnMapping.mode' = 'name')", place);
        assertBothRefuse("USING delta TBLPROPERTIES ('k' = 'v')", place);
        assertFails("DELTA_CREATE_TABLE_WITH_DIFFERENT_(CLUSTERING|PARTITIONING)", () -> sql("CREATE TABLE " + name + " (id INT NOT NULL, p STRING) USING delta CLUSTER BY (p) LOCATION '" + place + "'"));
        for (String protocol : List.of("'delta.feature.deletionVectors' = 'supported'", "'delta.minReaderVersion' = '3'")) {
            assertFails("DELTA_CREATE_TABLE_WITH_DIFFERENT_PROPERTY.*the protocol", () -> sql("CREATE TABLE " + name + " USING delta TBLPROPERTIES (" + protocol + ") LOCATION '" + place + "'"));
        }
        String same = "(id INT NOT NULL, p STRING) USING delta PARTITIONED BY (p) TBLPROPERTIES ('k' = 'v', 'delta.columnMapping.mode' = 'name') LOCATION '" + place + "'";
        sql("CREATE TABLE " + name + " " + same);
        delta("CREATE TABLE " + name + "_theirs " + same);
        sql("INSERT INTO " + name + " VALUES (1, 'a')");
        assertEquals(List.of("[1,a]"), rows(name + "_theirs"));
    }

    private void assertBothRefuse(String definition, Path place) {
        String statement = "CREATE TABLE " + name + " " + definition + " LOCATION '" + place + "'";
        Throwable theirs = assertThrows(statement, Throwable.class, () -> delta(statement));
        Throwable ourError = assertThrows(statement, Throwable.class, () -> sql(statement));
        assertEquals(statement, Twins.errorClass(theirs), Twins.errorClass(ourError));
        assertFalse(statement, spark().catalog().tableExists(name));
    }

    @Test
    public void aNameIsLedToAnotherTable() {
        Path[] places = {freshPath("session"), freshPath("session"), freshPath("session")};
        String[] columns = {"id INT, p INT", "id INT, p INT", "id BIGINT, p INT"};
        for (int i = 0; i < places.length; i++) {
            delta("CREATE TABLE delta.`" + places[i] + "` (" + columns[i] + ") USING delta");
            delta("INSERT INTO delta.`" + places[i] + "` VALUES (" + i + ", 0)");
        }
        sql("CREATE TABLE " + name + " USING delta LOCATION '" + places[0] + "'");
        delta("CREATE TABLE " + name + "_theirs USING delta LOCATION '" + places[0] + "'");
        for (Path to : List.of(places[2], freshPath("nothing"))) {
            String location = " SET LOCATION '" + to + "'";
            Throwable theirs = assertThrows(Throwable.class, () -> delta("ALTER TABLE " + name + "_theirs" + location));
            Throwable ourError = assertThrows(Throwable.class, () -> sql("ALTER TABLE " + name + location));
            assertEquals(location, Twins.errorClass(theirs), Twins.errorClass(ourError));
        }
        assertEquals(List.of("[0,0]"), rows(name));
        sql("ALTER TABLE " + name + " SET LOCATION '" + places[1] + "'");
        assertEquals(List.of("[1,0]"), rows(name));
        sql("INSERT INTO " + name + " VALUES (5, 6)");
        assertEquals(List.of("[1,0]", "[5,6]"), rows("delta.`" + places[1] + "`"));
        assertEquals(List.of("[0,0]"), rows("delta.`" + places[0] + "`"));
        assertFails("DELTA_CANNOT_SET_LOCATION_ON_PATH_IDENTIFIER", () -> sql("ALTER TABLE delta.`" + places[0] + "` SET LOCATION '" + places[1] + "'"));
    }

    /** Spark drops the table itself, and then asks the provider for another one. */
    @Test
    public void tablesOfOtherProvidersAreOverwritten() {
        for (String provider : List.of("parquet", "csv")) {
            String table = name + "_" + provider;
            sql("CREATE TABLE " + table + " USING " + provider + " AS SELECT 1 AS id");
            var rows = TwoSessions.ours().range(2, 4);
            SparkSession.setActiveSession(TwoSessions.ours());
            rows.write().format("sluice").mode("overwrite").saveAsTable(table);
            SparkSession.setActiveSession(spark());
            assertEquals(List.of("[2]", "[3]"), TwoSessions.sorted(sql("TABLE " + table)));
            sql("INSERT INTO " + table + " VALUES (4)");
            assertEquals(List.of("[2]", "[3]", "[4]"), TwoSessions.sorted(sql("TABLE " + table)));
            Path place = Path.of(java.net.URI.create(sql("DESCRIBE EXTENDED " + table).where("col_name = 'Location'").first().getString(1)));
            assertTrue(Files.exists(place.resolve("_delta_log")));
            sql("DROP TABLE " + table);
            assertFalse(Files.exists(place));
        }
    }

    @Test
    public void tablesByPathThatCannotBeReadAreDropped() throws Exception {
        Path path = freshPath("broken");
        sql("CREATE TABLE delta.`" + path + "` USING delta AS SELECT 1 AS id");
        Files.writeString(path.resolve("_delta_log/00000000000000000001.json"), "no JSON");
        sql("DROP TABLE delta.`" + path + "`");
        assertFalse(Files.exists(path));
    }
}
