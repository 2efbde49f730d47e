package io.sluice.spark;

import static io.sluice.spark.Failures.assertFails;
import static io.sluice.spark.Failures.assertRefused;
import static io.sluice.spark.SparkFixture.delta;
import static io.sluice.spark.SparkFixture.freshName;
import static io.sluice.spark.SparkFixture.freshPath;
import static io.sluice.spark.SparkFixture.spark;
import static io.sluice.spark.SparkFixture.sql;
import static io.sluice.spark.SparkFixture.warehouse;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertTrue;
import static org.junit.Assume.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;

/** The catalog in a session that lives in it: as the current catalog, through spark.catalog, views, caches, odd names. */
public class CatalogUseTest {
    private String db;

    @Before
    public void enterNamespace() {
        db = freshName("use");
        sql("CREATE NAMESPACE lake." + db);
        sql("USE lake." + db);
    }

    @After
    public void leaveNamespace() {
        spark().conf().unset("spark.sql.caseSensitive");
        spark().conf().set("spark.sql.codegen.factoryMode", "NO_CODEGEN");
        spark().catalog().setCurrentCatalog("spark_catalog");
        sql("DROP NAMESPACE IF EXISTS lake." + db + " CASCADE");
    }

    private static List<String> rows(Dataset<Row> rows) {
        return rows.collectAsList().stream().map(Row::toString).sorted().toList();
    }

    private static List<String> rows(String query) {
        return rows(sql(query));
    }

    private static List<String> first(Dataset<?> rows) {
        return rows.toDF().collectAsList().stream().map(row -> row.getString(0)).sorted().toList();
    }

    private Dataset<Row> seenByDelta(String table) {
        return delta(warehouse().resolve(db).resolve(table));
    }

    @Test
    public void namesAreRelativeToTheCurrentNamespace() {
        assertEquals("[lake," + db + "]", sql("SELECT current_catalog(), current_schema()").first().toString());
        sql("CREATE TABLE t (id BIGINT)");
        sql("INSERT INTO t VALUES (1)");
        sql("CREATE NAMESPACE " + db + ".inner");
        sql("CREATE TABLE " + db + ".inner.t AS SELECT 2L AS id");
        assertEquals(List.of("[1]"), rows("TABLE t"));
        assertEquals(List.of("[1]"), rows("TABLE " + db + ".t"));
        assertEquals(List.of("[1]"), rows("SELECT lake." + db + ".t.id FROM t WHERE " + db + ".t.id = 1"));
        sql("USE " + db + ".inner");
        assertEquals(List.of("[2]"), rows("TABLE t"));
        assertEquals(List.of("[" + db + ".inner,t,false]"), rows("SHOW TABLES"));
        sql("USE lake." + db);
        assertEquals(List.of("[" + db + "]"), rows("SHOW NAMESPACES IN lake LIKE '" + db + "'"));
        sql("ALTER TABLE t RENAME TO u");
        assertEquals(List.of("[1]"), rows("TABLE lake." + db + ".u"));
        sql("DROP TABLE u");
        assertFails("TABLE_OR_VIEW_NOT_FOUND", () -> sql("TABLE u"));
        assertFails("SCHEMA_NOT_FOUND", () -> sql("USE lake.nosuch"));
    }

    /** Spark hands on a table's new name as it was written, the catalog's before it or not. */
    @Test
    public void newNamesMayBeginWithTheCatalogs() {
        String whole = "lake." + db;
        sql("CREATE TABLE t AS SELECT 1L AS id");
        sql("ALTER TABLE " + whole + ".t RENAME TO " + whole + ".u");
        assertEquals(List.of("[1]"), rows("TABLE " + whole + ".u"));
        assertEquals(List.of(), rows("SHOW NAMESPACES IN lake LIKE 'lake'"));
        sql("ALTER TABLE u RENAME TO LAKE." + db + ".v");
        sql("ALTER TABLE v RENAME TO lake." + db + "_top");
        assertEquals(List.of("[1]"), rows("TABLE lake." + db + "_top"));
        sql("ALTER TABLE lake." + db + "_top RENAME TO " + whole + ".t");
        assertFails("TABLE_OR_VIEW_ALREADY_EXISTS", () -> sql("ALTER TABLE t RENAME TO " + whole + ".t"));
        assertFails("SLUICE_OTHER_CATALOG.*Cannot rename lake." + db + ".t to spark_catalog.default.t: spark_catalog is another catalog",
                () -> sql("ALTER TABLE t RENAME TO spark_catalog.default.t"));
        if (spark().version().compareTo("4.2") >= 0) {
            sql("CREATE TABLE " + whole + ".like LIKE " + whole + ".t");
            assertEquals(List.of("[" + db + ",like,false]", "[" + db + ",t,false]"), rows("SHOW TABLES"));
        }
        sql("CREATE NAMESPACE lake.lake");
        sql("ALTER TABLE t RENAME TO lake." + db);
        assertEquals(List.of("[1]"), rows("TABLE lake.lake." + db));
        sql("DROP NAMESPACE lake.lake CASCADE");
    }

    @Test
    public void cachedTablesMayBeRenamed() {
        sql("CREATE TABLE t AS SELECT 1L AS id");
        sql("CACHE TABLE t");
        sql("ALTER TABLE t RENAME TO lake." + db + ".u");
        sql("INSERT INTO u VALUES (2)");
        assertEquals(List.of("[1]", "[2]"), rows("TABLE u"));
        assertEquals(List.of("[1]", "[2]"), rows("TABLE lake." + db + ".u"));
        assertFails("TABLE_OR_VIEW_NOT_FOUND", () -> sql("TABLE lake.lake." + db + ".u").collect());
        sql("CLEAR CACHE");
    }

    @Test
    public void failuresNameTheWholeThing() {
        assertFails("`lake`.`nosuch name`", () -> sql("SHOW TABLES IN lake.`nosuch name`").collect());
        assertFails("`lake`.`nosuch`", () -> sql("DESCRIBE NAMESPACE lake.nosuch"));
        assertFails("`lake`.`nosuch`", () -> sql("ALTER NAMESPACE lake.nosuch SET PROPERTIES ('a' = 'b')"));
        sql("CREATE TABLE `a table` (id INT)");
        assertFails("`" + db + "`.`a table`", () -> sql("CREATE TABLE `a table` (id INT)"));
        assertFails("`" + db + "`.`a table`", () -> sql("CREATE TABLE `a table` AS SELECT 1 AS id"));
        sql("CREATE TABLE other (id INT)");
        assertFails("`" + db + "`.`a table`", () -> sql("ALTER TABLE other RENAME TO `a table`"));
    }

    @Test
    public void sparkCatalogSeesTables() throws Exception {
        spark().conf().set("spark.sql.codegen.factoryMode", "FALLBACK");   // without, Spark cannot make such beans
        sql("CREATE TABLE t (id BIGINT NOT NULL COMMENT 'key', p STRING) PARTITIONED BY (p) COMMENT 'what'");
        var catalog = spark().catalog();
        assertTrue(catalog.tableExists("t") && catalog.tableExists("lake." + db + ".t"));
        assertFalse(catalog.tableExists("lake." + db + ".u") || catalog.tableExists("lake.nosuch.t"));
        assertTrue(catalog.databaseExists("lake." + db));
        assertFalse(catalog.databaseExists("lake.nosuch"));
        var table = catalog.getTable("t");
        assertEquals("lake", table.catalog());
        assertEquals(List.of(db), Arrays.asList(table.namespace()));
        assertEquals("what", table.description());
        assertEquals("MANAGED", table.tableType());
        assertFalse(table.isTemporary());
        assertEquals(List.of("t"), catalog.listTables().collectAsList().stream().map(found -> found.name()).toList());
        assertEquals(List.of("id false key bigint", "p true null string"), catalog.listColumns("t").collectAsList().stream()
                .map(column -> column.name() + " " + column.nullable() + " " + column.description() + " " + column.dataType()).toList());
        assertTrue(catalog.listDatabases().collectAsList().stream().anyMatch(found -> found.name().equals(db)));
        var created = catalog.createTable("c", "delta", new StructType().add("id", "long"), "made here", Map.of());
        assertEquals(List.of("id"), List.of(created.columns()));
        assertEquals("made here", catalog.getTable("c").description());
        sql("INSERT INTO c VALUES (1)");
        catalog.refreshTable("c");
        assertEquals(1, seenByDelta("c").count());
        assertFails("TABLE_OR_VIEW_NOT_FOUND", () -> catalog.getTable("nosuch"));
    }

    @Test
    public void viewsAndCachesFollowTheTable() {
        sql("CREATE TABLE t AS SELECT id FROM range(3)");
        sql("CREATE TEMPORARY VIEW v AS SELECT id + 1 AS next FROM t");
        sql("CACHE TABLE t");
        assertTrue(spark().catalog().isCached("t"));
        assertEquals(3, sql("TABLE v").count());
        sql("INSERT INTO t VALUES (3)");
        assertTrue("refreshed, not dropped", spark().catalog().isCached("t"));
        assertEquals(List.of("[1]", "[2]", "[3]", "[4]"), rows("TABLE v"));
        sql("CACHE TABLE copy AS SELECT max(id) AS top FROM t");
        sql("INSERT INTO t VALUES (9)");
        assertEquals(List.of("[9]"), rows("TABLE copy"));
        sql("UNCACHE TABLE t");
        assertFalse(spark().catalog().isCached("t"));
        sql("CACHE TABLE t");
        sql("DROP TABLE t");
        assertFails("TABLE_OR_VIEW_NOT_FOUND", () -> sql("TABLE t"));
        sql("CREATE TABLE t AS SELECT 7L AS id");
        assertEquals("not the old table's rows", List.of("[7]"), rows("TABLE t"));
        sql("DROP VIEW v");
        sql("DROP VIEW copy");
    }

    @Test
    public void whatWasAnalyzedIsNotReadFromAnotherTable() {
        sql("CREATE TABLE t AS SELECT 1L AS id, 'x' AS s");
        Dataset<Row> all = spark().table("t");
        sql("INSERT INTO t VALUES (2, 'y')");
        assertEquals("the newest rows", 2, all.count());
        sql("ALTER TABLE t ADD COLUMN more INT");
        assertEquals(List.of("[1,x]", "[2,y]"), rows(all));
        if (spark().version().compareTo("4.1") >= 0) {
            Dataset<Row> before = spark().table("t");
            sql("DROP TABLE t");
            sql("CREATE TABLE t AS SELECT 1L AS id, 'x' AS s, 1 AS more");
            assertFails("INCOMPATIBLE_TABLE_CHANGE_AFTER_ANALYSIS", before::collect);
        }
    }

    @Test
    public void tablesAreFoundByQuotedNames() {
        for (String name : List.of("dot.ted", "two words", "tick``tick", "pâté €", "100%", "%41", "~", "_hidden", ".dot", "a=b,c;d{e}", "MiXed", "\"quoted\"", "back\\slash\\", "where", "v2.0|x")) {
            String table = "`" + name + "`";
            sql("CREATE TABLE " + table + " (id INT)");
            sql("INSERT INTO " + table + " VALUES (1)");
            assertEquals(name, List.of("[1]"), rows("TABLE " + table));
            String plain = name.replace("``", "`");
            assertEquals(List.of(plain), first(sql("SHOW TABLES").select("tableName")));
            sql("ALTER TABLE " + table + " RENAME TO `" + name + " 2`");
            assertEquals(List.of(plain + " 2"), first(sql("SHOW TABLES").select("tableName")));
            sql("DROP TABLE `" + name + " 2`");
        }
        for (String name : List.of("a/b", "../up", "")) {
            assertFails("SLUICE_RELATIVE_PATH|SLUICE_INVALID_NAME|PARSE|INVALID", () -> sql("CREATE TABLE `" + name + "` (id INT)"));
        }
        assertEquals(List.of(), rows("SHOW TABLES"));
    }

    /** DROP deletes a table's directory, so that nothing else may be in it from the start. */
    @Test
    public void aDirectoryWithOtherFilesBecomesNoTable() throws Exception {
        Path place = freshPath("foreign");
        Path mine = Files.createDirectories(place.resolve("below")).resolve("mine.csv");
        Files.writeString(mine, "1");
        for (String statement : List.of("CREATE TABLE lake.delta.`%s` (id INT)", "CREATE TABLE lake.delta.`%s` AS SELECT 1 AS id",
                "CREATE OR REPLACE TABLE lake.delta.`%s` AS SELECT 1 AS id")) {
            assertFails("DELTA_CREATE_TABLE_WITH_NON_EMPTY_LOCATION", () -> sql(String.format(statement, place)));
        }
        assertFails("DELTA_CREATE_TABLE_WITH_NON_EMPTY_LOCATION", () -> sql("SELECT 1 AS id").write().format("sluice").save(place.toString()));
        assertFails("DELTA_CREATE_TABLE_WITH_NON_EMPTY_LOCATION",
                () -> sql("SELECT 1 AS id").writeTo("lake.delta.`" + place + "`").create());
        assertTrue(Files.exists(mine));
        assertFalse(Files.exists(place.resolve("_delta_log")));
    }

    @Test
    public void thePathsNamespaceHasNoCase() {
        Path place = freshPath("paths");
        sql("CREATE TABLE lake.DELTA.`" + place + "` AS SELECT 1 AS id");
        assertEquals(List.of("[1]"), rows("TABLE lake.Delta.`" + place + "`"));
        assertEquals(1, delta(place).count());
    }

    @Test
    public void columnsAreResolvedAsTheSessionSays() {
        sql("CREATE TABLE t (Id INT, `dot.ted` STRING, s STRUCT<Inner: INT>) TBLPROPERTIES ('delta.columnMapping.mode' = 'name')");
        sql("INSERT INTO t (ID, `DOT.TED`, S) VALUES (1, 'a', named_struct('inner', 2))");
        assertEquals(List.of("[1,a,2]"), rows("SELECT iD, `Dot.Ted`, s.iNNer FROM t WHERE ID = 1"));
        assertFails("COLUMN_ALREADY_EXISTS|FIELD.*ALREADY_EXISTS", () -> sql("ALTER TABLE t ADD COLUMN ID INT"));
        spark().conf().set("spark.sql.caseSensitive", "true");
        assertFails("UNRESOLVED_COLUMN", () -> sql("SELECT id FROM t"));
        assertEquals(List.of("[1]"), rows("SELECT Id FROM t"));
        assertFails("UNRESOLVED_COLUMN|Cannot", () -> sql("INSERT INTO t (ID) VALUES (1)"));
        assertRefused("DELTA_DUPLICATE_COLUMNS_FOUND", () -> sql("CREATE TABLE u (id INT, ID INT)"));
        sql("ALTER TABLE t RENAME COLUMN Id TO id");
        sql("INSERT INTO t BY NAME SELECT 'b' AS `dot.ted`, named_struct('Inner', 3) AS s, 2 AS id");
        assertEquals(List.of("[1,a]", "[2,b]"), rows("SELECT id, `dot.ted` FROM t"));
    }

    @Test
    public void insertsNameTheirColumns() {
        assumeTrue("Spark 4.0 wants all columns", spark().version().compareTo("4.1") >= 0);
        sql("CREATE TABLE t (id INT NOT NULL, s STRING DEFAULT 'none', d DATE) TBLPROPERTIES ('delta.feature.allowColumnDefaults' = 'supported')");
        sql("INSERT INTO t (d, id) VALUES (date'2024-01-01', 1)");
        sql("INSERT INTO t BY NAME SELECT 'x' AS s, 2 AS id");
        sql("INSERT INTO t VALUES (3, DEFAULT, NULL)");
        assertEquals(List.of("[1,none,2024-01-01]", "[2,x,null]", "[3,none,null]"), rows("TABLE t"));
        assertFails("INSERT_COLUMN_ARITY_MISMATCH", () -> sql("INSERT INTO t VALUES (1, 'x', NULL, 2)"));
        assertFails("INSERT_COLUMN_ARITY_MISMATCH|EXTRA_COLUMNS|UNRESOLVED_COLUMN", () -> sql("INSERT INTO t BY NAME SELECT 1 AS id, 2 AS nosuch"));
        assertFails("UNRESOLVED_COLUMN", () -> sql("INSERT INTO t (id, nosuch) VALUES (1, 2)"));
        assertFails("CAST_INVALID_INPUT|INCOMPATIBLE_DATA", () -> sql("INSERT INTO t VALUES ('abc', 'x', NULL)"));
        assertEquals(3, seenByDelta("t").count());
    }

    @Test
    public void writersFailAsTheirModeSays() throws Exception {
        Dataset<Row> rows = spark().range(2).toDF();
        assertFails("TABLE_OR_VIEW_NOT_FOUND", () -> rows.writeTo("t").append());
        assertFails("TABLE_OR_VIEW_NOT_FOUND|CANNOT_REPLACE_MISSING", () -> rows.writeTo("t").replace());
        rows.writeTo("t").using("delta").tableProperty("mine", "yes").create();
        assertFails("TABLE_OR_VIEW_ALREADY_EXISTS", () -> rows.writeTo("t").create());
        assertFails("TABLE_OR_VIEW_ALREADY_EXISTS", () -> rows.write().saveAsTable("t"));
        rows.write().mode("ignore").saveAsTable("t");
        rows.write().mode("append").saveAsTable("t");
        assertEquals(4, spark().table("t").count());
        rows.writeTo("t").createOrReplace();
        rows.write().format("delta").mode("append").saveAsTable("t");
        rows.write().insertInto("t");
        assertEquals(6, seenByDelta("t").count());
        assertFails("SLUICE_UNSUPPORTED_PROVIDER", () -> rows.write().format("parquet").saveAsTable("u"));
        assertFalse(spark().catalog().tableExists("u"));
    }

    @Test
    public void tablesAreMadeAgainFromWhatIsShown() {
        String columns = "id BIGINT NOT NULL COMMENT 'the key', `odd name` STRUCT<a: INT COMMENT 'in', b: ARRAY<MAP<STRING, DECIMAL(9,2)>>>, c CHAR(3), v VARCHAR(7), n STRING DEFAULT 'x', p DATE";
        for (String layout : List.of("PARTITIONED BY (p)", "CLUSTER BY (id, p)", "")) {
            sql("CREATE TABLE t (" + columns + ") " + layout + " COMMENT 'all about \"it\"' TBLPROPERTIES ('delta.columnMapping.mode' = 'name',"
                    + " 'delta.enableRowTracking' = 'true', 'delta.enableInCommitTimestamps' = 'true', 'delta.feature.allowColumnDefaults' = 'supported', 'delta.appendOnly' = 'true', 'my.own' = 'a''b')");
            String shown = first(sql("SHOW CREATE TABLE t")).get(0);
            String described = description();
            sql("DROP TABLE t");
            sql(shown);
            assertEquals(withoutIds(shown), withoutIds(first(sql("SHOW CREATE TABLE t")).get(0)));
            assertEquals(described, description());
            sql("DROP TABLE t");
        }
        Path place = freshPath("shown");
        sql("CREATE TABLE t (id INT) LOCATION '" + place + "'");
        String shown = first(sql("SHOW CREATE TABLE t")).get(0);
        assertTrue(shown, shown.contains("LOCATION 'file:" + place + "'"));
        sql("DROP TABLE t");
        sql(shown);
        assertEquals(0, delta(place).count());
    }

    /** What Delta keeps of a column of one table is not taken over by a table made of its rows. */
    @Test
    public void tablesMadeOfOthersAreTheirOwn() throws Exception {
        Path special = freshPath("special");
        sql("CREATE TABLE spark_catalog.delta.`" + special + "` (id BIGINT GENERATED ALWAYS AS IDENTITY, v INT) USING delta");
        sql("INSERT INTO spark_catalog.delta.`" + special + "` (v) VALUES (7)");
        sql("CREATE TABLE copied AS SELECT * FROM lake.delta.`" + special + "`");
        sql("INSERT INTO copied VALUES (2, 8)");
        Path saved = freshPath("saved");
        for (int i = 0; i < 2; i++) {
            spark().table("lake.delta.`" + special + "`").write().format("sluice").mode("append").save(saved.toString());
        }
        assertEquals(2, rows("SELECT * FROM copied").size());
        assertEquals(2, rows("SELECT * FROM lake.delta.`" + saved + "`").size());
    }

    @Test
    public void tablesWithoutColumnsAreGivenSome() {
        sql("CREATE TABLE empty");
        sql("ALTER TABLE empty ADD COLUMNS (id INT, s STRING)");
        sql("INSERT INTO empty VALUES (1, 'x')");
        assertEquals(List.of("[1,x]"), rows("SELECT * FROM empty"));
        sql("CREATE TABLE other");
        sql("CREATE OR REPLACE TABLE other AS SELECT 2 AS id");
        assertEquals(List.of("[2]"), rows("SELECT * FROM other"));
    }

    @Test
    public void featuresAreAskedForByName() {
        sql("CREATE TABLE timed (t TIMESTAMP_NTZ) TBLPROPERTIES ('delta.feature.timestampNtz' = 'supported', 'delta.feature.checkConstraints' = 'supported')");
        String again = rows(sql("SHOW CREATE TABLE timed")).get(0);
        sql("DROP TABLE timed");
        sql(again.substring(1, again.length() - 1));
        sql("INSERT INTO timed VALUES (TIMESTAMP_NTZ'2024-01-01 00:00:00')");
        assertEquals(1, seenByDelta("timed").count());
        assertTrue(again, again.contains("timestampNtz") && again.contains("checkConstraints"));
    }

    /** A setting by which Spark leaves char and varchar in schemas that Delta is to have as strings. */
    @Test
    public void lengthsOfTextMayBePreserved() {
        String setting = "spark.sql.preserveCharVarcharTypeInfo";
        sql("CREATE TABLE before (i STRING, c CHAR(5), a ARRAY<VARCHAR(3)>)");
        sql("INSERT INTO before VALUES ('x', 'y', array('abc'))");
        spark().conf().set(setting, "true");
        try {
            sql("CREATE TABLE kept (i STRING, c CHAR(5), a ARRAY<VARCHAR(3)>)");
            sql("INSERT INTO kept VALUES ('x', 'y', array('abc'))");
            for (String table : List.of("kept", "before")) {
                assertEquals("char(5)", spark().table(table).schema().apply("c").dataType().typeName());
                assertEquals(List.of("[x,y    ,ArraySeq(abc)]"), rows("SELECT * FROM " + table));
            }
        } finally {
            spark().conf().unset(setting);
        }
        assertEquals(1, seenByDelta("kept").count());
        assertEquals(List.of("[x,y    ,ArraySeq(abc)]"), rows("SELECT * FROM kept"));
    }

    @Test
    public void theDefaultCollationIsNone() {
        sql("CREATE TABLE t (s STRING COLLATE UTF8_BINARY, a ARRAY<STRUCT<b: STRING COLLATE UTF8_BINARY>>) DEFAULT COLLATION UTF8_BINARY");
        sql("INSERT INTO t VALUES ('x', array(named_struct('b', 'y')))");
        sql("ALTER TABLE t ADD COLUMN more STRING COLLATE UTF8_BINARY");
        assertEquals("[[x,ArraySeq([y]),null]]", seenByDelta("t").collectAsList().toString());
        assertRefused("DELTA_UNSUPPORTED_DATA_TYPES", () -> sql("CREATE TABLE u (id INT) DEFAULT COLLATION UNICODE"));
        assertFails("DELTA_UNSUPPORTED_DATA_TYPES", () -> sql("ALTER TABLE t ADD COLUMN u STRING COLLATE UNICODE"));
        sql("ALTER TABLE t DEFAULT COLLATION UTF8_BINARY");
        assertFails("DELTA_UNSUPPORTED_DATA_TYPES", () -> sql("ALTER TABLE t DEFAULT COLLATION UNICODE"));
    }

    /** Before, Spark takes such a statement for one about its own catalog. */
    @Test
    public void tablesAreMadeLikeOthers() {
        assumeTrue("Spark 4.2 asks catalogs", spark().version().compareTo("4.2") >= 0);
        sql("CREATE TABLE t (id INT NOT NULL COMMENT 'key', p STRING) PARTITIONED BY (p) COMMENT 'what' TBLPROPERTIES ('k' = 'v', 'delta.enableRowTracking' = 'true')");
        sql("INSERT INTO t VALUES (1, 'x')");
        sql("ALTER TABLE t ADD CONSTRAINT positive CHECK (id > 0)");
        sql("CREATE TABLE u LIKE t TBLPROPERTIES ('k' = 'w')");
        assertEquals(0, seenByDelta("u").count());
        assertEquals(seenByDelta("t").schema(), seenByDelta("u").schema());
        assertTrue(first(sql("SHOW CREATE TABLE u")).get(0).contains("PARTITIONED BY (p)"));
        assertEquals(List.of("[delta.enableRowTracking,true]", "[k,w]"), rows("SHOW TBLPROPERTIES u").stream().filter(row -> row.matches("\\[(k|delta.enable).*")).toList());
        assertFails("DELTA_VIOLATE_CONSTRAINT_WITH_VALUES", () -> sql("INSERT INTO u VALUES (-1, 'x')"));
        assertFails("ALREADY_EXISTS", () -> sql("CREATE TABLE u LIKE t"));
        sql("CREATE TABLE IF NOT EXISTS u LIKE t");
    }

    private String description() {
        return withoutIds(sql("DESCRIBE TABLE EXTENDED t").collectAsList().stream().map(Row::toString).collect(Collectors.joining("\n")));
    }

    /** Each table has names of its own for the columns of its row ids, and its own times. */
    private static String withoutIds(String text) {
        return text.replaceAll("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "uuid");
    }

    @Test
    public void tablesAreDescribed() {
        sql("CREATE TABLE t (id BIGINT COMMENT 'key', s STRUCT<a: INT>, p STRING) PARTITIONED BY (p) COMMENT 'what' TBLPROPERTIES ('mine' = 'yes')");
        assertEquals(List.of("[# Partition Information,,]", "[# col_name,data_type,comment]", "[id,bigint,key]", "[p,string,null]", "[p,string,null]", "[s,struct<a:int>,null]"), rows("DESCRIBE TABLE t"));
        assertEquals(List.of("[col_name,id]", "[comment,key]", "[data_type,bigint]"), rows("DESCRIBE TABLE t id"));
        assertFails("UNRESOLVED_COLUMN", () -> sql("DESCRIBE TABLE t nosuch"));
        List<String> extended = rows("DESCRIBE TABLE EXTENDED t");
        for (String line : List.of(spark().version().compareTo("4.2") < 0 ? "[Name,lake." + db + ".t,]" : "[Table,t,]", "[Type,MANAGED,]", "[Comment,what,]", "[Provider,delta,]", "[Location,file:" + warehouse().resolve(db).resolve("t") + ",]")) {
            assertTrue(line + " in " + extended, extended.contains(line));
        }
        assertTrue(extended.toString(), extended.stream().anyMatch(line -> line.startsWith("[Table Properties,[") && line.contains("mine=yes") && !line.contains("location=")));
        assertEquals(List.of("[id]", "[p]", "[s]"), rows("SHOW COLUMNS IN t"));
        assertEquals(List.of("[mine,yes]"), rows("SHOW TBLPROPERTIES t ('mine')"));
        assertTrue(rows("SHOW TABLE EXTENDED LIKE 't'").toString().contains("Provider: delta"));
        assertTrue(rows("DESCRIBE NAMESPACE lake." + db).toString().contains("[Namespace Name," + db + "]"));
    }

    @Test
    public void reservedPropertiesAreSparks() {
        for (String key : List.of("location", "provider", "owner", "external", "is_managed_location")) {
            assertFails("reserved|Cannot", () -> sql("CREATE TABLE t (id INT) TBLPROPERTIES ('" + key + "' = 'x')"));
        }
        sql("CREATE TABLE t (id INT)");
        for (String key : List.of("location", "provider", "owner", "external")) {
            assertFails("reserved|Cannot", () -> sql("ALTER TABLE t SET TBLPROPERTIES ('" + key + "' = 'x')"));
            assertFails("reserved|Cannot", () -> sql("ALTER TABLE t UNSET TBLPROPERTIES ('" + key + "')"));
        }
        sql("COMMENT ON TABLE t IS 'new'");
        assertTrue(rows("DESCRIBE TABLE EXTENDED t").contains("[Comment,new,]"));
        sql("COMMENT ON NAMESPACE lake." + db + " IS 'all'");
        assertTrue(rows("DESCRIBE NAMESPACE lake." + db).contains("[Comment,all]"));
        for (String key : List.of("location", "owner")) {
            assertFails("reserved|Cannot", () -> sql("ALTER NAMESPACE lake." + db + " SET PROPERTIES ('" + key + "' = 'x')"));
        }
    }

    @Test
    public void placesThatAreTakenAreRefused() {
        Path place = freshPath("taken");
        sql("CREATE TABLE t LOCATION '" + place + "' AS SELECT 1 AS id");
        assertRefused("DELTA_CREATE_TABLE_WITH_NON_EMPTY_LOCATION", () -> sql("CREATE TABLE u LOCATION '" + place + "' AS SELECT 2 AS id"));
        assertFalse(spark().catalog().tableExists("u"));
        assertEquals(List.of("[1]"), rows("TABLE t"));
    }

    @Test
    public void optionsAreThePlaceAndDeltasProperties() {
        Path place = freshPath("options");
        sql("CREATE TABLE t (id INT) OPTIONS (path '" + place + "', 'delta.appendOnly' = 'true', 'nobodys' = 'x')");
        sql("INSERT INTO t VALUES (1)");
        assertEquals(1, delta(place).count());
        assertEquals(List.of("[delta.appendOnly,true]"), rows("SHOW TBLPROPERTIES t ('delta.appendOnly')"));
        assertFalse(rows("SHOW TBLPROPERTIES t").toString().contains("nobodys"));
        assertFails("DELTA_CANNOT_MODIFY_APPEND_ONLY", () -> sql("CREATE OR REPLACE TABLE t (id INT)"));
        sql("DROP TABLE t");
        assertEquals(1, delta(place).count());
    }

    @Test
    public void namesHaveTheirCase() {
        sql("CREATE TABLE t (id INT)");
        sql("CREATE TABLE T (id STRING)");
        sql("INSERT INTO T VALUES ('a')");
        assertEquals(List.of("T", "t"), first(sql("SHOW TABLES").select("tableName")));
        assertEquals(List.of(), rows("TABLE t"));
        assertEquals(List.of("[a]"), rows("TABLE T"));
        sql("DROP TABLE t");
        assertFails("TABLE_OR_VIEW_NOT_FOUND", () -> sql("TABLE t"));
        assertFails("SCHEMA_NOT_FOUND|TABLE_OR_VIEW_NOT_FOUND", () -> sql("TABLE lake." + db.toUpperCase(java.util.Locale.ROOT) + ".T"));
    }

    @Test
    public void thePathOptionSaysNothingElse() {
        Dataset<Row> rows = spark().range(2).toDF();
        Path place = freshPath("option");
        rows.write().format("delta").option("path", place.toString()).saveAsTable("t");
        rows.write().format("delta").option("path", place + "/").mode("append").saveAsTable("t");
        assertEquals(4, delta(place).count());
        String other = freshPath("other").toString();
        for (String mode : List.of("append", "overwrite")) {
            assertRefused("DELTA_CREATE_TABLE_IDENTIFIER_LOCATION_MISMATCH", () -> rows.write().format("delta").option("path", other).mode(mode).saveAsTable("t"));
        }
        assertRefused("DELTA_CREATE_TABLE_IDENTIFIER_LOCATION_MISMATCH", () -> rows.writeTo("t").option("path", other).append());
        assertEquals(4, delta(place).count());
        assertRefused("SLUICE_SEVERAL_PATHS", () -> spark().read().format("sluice").load(place.toString(), other));
        assertFails("path", () -> spark().read().format("sluice").option("path", other).load(place.toString()));
    }

    @Test
    public void statementsThatAreNotForSuchTablesSaySo() {
        sql("CREATE TABLE t (id INT, p INT) PARTITIONED BY (p)");
        for (String statement : List.of("ANALYZE TABLE t COMPUTE STATISTICS", "ALTER TABLE t ADD PARTITION (p = 1)",
                "MSCK REPAIR TABLE t", "LOAD DATA INPATH '/tmp/x' INTO TABLE t", "ALTER TABLE t SET SERDEPROPERTIES ('a' = 'b')",
                "ALTER TABLE t SET LOCATION '/tmp/x'", "CREATE VIEW v AS SELECT 1 AS id", "CREATE INDEX i ON t (id)",
                spark().version().compareTo("4.2") < 0 ? "CREATE TABLE lake." + db + ".u LIKE lake." + db + ".t" : "CREATE INDEX i ON t (p)")) {
            assertFails("not support|UNSUPPORTED|NOT_SUPPORTED|MISSING_CATALOG_ABILITY|PARSE_SYNTAX_ERROR|REQUIRES_SINGLE_PART|Cannot", () -> sql(statement));
        }
        assertEquals(List.of("[" + db + ",t,false]"), rows("SHOW TABLES"));
    }

    @Test
    public void optionsGoWithTheTable() {
        sql("CREATE TABLE t AS SELECT 1 AS id");
        sql("INSERT INTO t VALUES (2)");
        assertEquals(1, spark().read().option("versionAsOf", "0").table("t").count());
        assertEquals(List.of("[1]"), rows("SELECT * FROM t WITH ('versionAsOf' = '0')"));
        assertNull(spark().table("t").schema().apply("id").getComment().getOrElse(() -> null));
    }

    @Test
    public void namespacesWithHiddenDirectoriesAreNotEmpty() throws Exception {
        Path directory = warehouse().resolve(db);
        Path raw = directory.resolve("_raw/t");
        sql("CREATE TABLE lake.delta.`" + raw + "` AS SELECT 1 AS id");
        assertFails("SCHEMA_NOT_EMPTY|not empty", () -> sql("DROP NAMESPACE lake." + db));
        assertEquals(1, delta(raw).count());
        sql("DROP TABLE lake.delta.`" + raw + "`");
        Path note = Files.writeString(Files.createDirectories(directory.resolve(".x")).resolve("note"), "mine");
        assertFails("SCHEMA_NOT_EMPTY|not empty", () -> sql("DROP NAMESPACE lake." + db));
        assertTrue(Files.exists(note));
        SparkFixture.delete(directory.resolve(".x"));
        SparkFixture.delete(directory.resolve("_raw"));
        sql("DROP NAMESPACE lake." + db);
        assertFalse(Files.exists(directory));
    }

    @Test
    public void whatLinksLeadToStays() throws Exception {
        Path elsewhere = Files.createDirectories(freshPath("elsewhere"));
        Path theirs = Files.writeString(elsewhere.resolve("theirs.csv"), "1");
        sql("CREATE TABLE t AS SELECT 1 AS id");
        Path table = warehouse().resolve(db).resolve("t");
        Files.createSymbolicLink(table.resolve("old"), elsewhere);
        Files.createSymbolicLink(table.resolve("file"), theirs);
        Files.writeString(table.resolve("part-x.parquet#1"), "of a writer that was killed");
        Files.writeString(table.resolve("_delta_log/00000000000000000001.json#1"), "of a driver that was killed");
        sql("DROP TABLE t");
        assertFalse(Files.exists(table));
        assertTrue(Files.exists(theirs));
        sql("CREATE NAMESPACE lake." + db + ".below");
        Files.createSymbolicLink(warehouse().resolve(db).resolve("below/link"), elsewhere);
        sql("DROP NAMESPACE lake." + db + ".below CASCADE");
        assertFalse(Files.exists(warehouse().resolve(db).resolve("below")));
        assertTrue(Files.exists(theirs));
    }

    @Test
    public void aNameWhoseDirectoryHoldsOtherFilesBecomesNoTable() throws Exception {
        Path mine = Files.createDirectories(warehouse().resolve(db).resolve("landing/day")).resolve("mine.csv");
        Files.writeString(mine, "1");
        for (String create : List.of("CREATE TABLE landing (id INT)", "CREATE TABLE landing AS SELECT 1 AS id", "CREATE OR REPLACE TABLE landing AS SELECT 1 AS id")) {
            assertFails("DELTA_CREATE_TABLE_WITH_NON_EMPTY_LOCATION.*mine.csv", () -> sql(create));
        }
        assertTrue(Files.exists(mine));
        Files.delete(mine);
        String left = "part-00000-7fa3a1d2-6f0c-4a05-9a43-3c2b1f0e9d8c-0123456789abcdef0123456789abcdef.c000.snappy.parquet";
        Files.writeString(mine.resolveSibling(left), "of a driver that died");
        Files.writeString(mine.resolveSibling(left + "#1"), "of a task that died");
        Files.writeString(Files.createDirectories(mine.getParent().resolveSibling("_checkpoints")).resolve("offsets"), "of a stream");
        sql("CREATE TABLE landing AS SELECT 1 AS id");
        assertEquals(List.of("[1]"), rows("TABLE landing"));
    }
}
