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
import static org.junit.Assert.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.spark.sql.Row;
import org.junit.Before;
import org.junit.Test;

/** Tables and namespaces of the catalog `lake`, as Spark's SQL shows them and as delta-spark sees them. */
public class CatalogTest {
    private String namespace;

    @Before
    public void createNamespace() {
        namespace = "lake." + freshName("ns");
        sql("CREATE NAMESPACE " + namespace);
    }

    private static List<String> column(String query, String name) {
        return sql(query).collectAsList().stream().map(row -> row.<Object>getAs(name).toString()).sorted().toList();
    }

    private static Map<String, String> properties(String table) {
        return sql("SHOW TBLPROPERTIES " + table).collectAsList().stream()
                .collect(Collectors.toMap(row -> row.getString(0), row -> row.getString(1), (a, b) -> a, TreeMap::new));
    }

    private java.nio.file.Path place(String table) {
        return warehouse().resolve((namespace.substring("lake.".length()) + "." + table).replace('.', '/'));
    }

    @Test
    public void tablesAreCreatedListedAndDropped() {
        sql("CREATE TABLE " + namespace + ".one (id BIGINT)");
        sql("CREATE TABLE " + namespace + ".`two words` (id BIGINT) USING delta");
        assertEquals(List.of("one", "two words"), column("SHOW TABLES IN " + namespace, "tableName"));
        assertEquals(List.of("two words"), column("SHOW TABLES IN " + namespace + " LIKE 'two*'", "tableName"));
        sql("INSERT INTO " + namespace + ".`two words` VALUES (1)");
        assertEquals(1, delta(place("two words")).count());
        assertFails("TABLE_OR_VIEW_ALREADY_EXISTS", () -> sql("CREATE TABLE " + namespace + ".one (id INT)"));
        assertFails("TABLE_OR_VIEW_ALREADY_EXISTS", () -> sql("CREATE TABLE " + namespace + ".one AS SELECT 1 AS id"));
        sql("CREATE TABLE IF NOT EXISTS " + namespace + ".one (other INT)");
        sql("DROP TABLE " + namespace + ".one");
        assertFalse(Files.exists(place("one")));
        assertFails("TABLE_OR_VIEW_NOT_FOUND", () -> sql("DROP TABLE " + namespace + ".one"));
        sql("DROP TABLE IF EXISTS " + namespace + ".one");
        assertFails("TABLE_OR_VIEW_NOT_FOUND", () -> sql("DESCRIBE TABLE " + namespace + ".one"));
        assertEquals(List.of("two words"), column("SHOW TABLES IN " + namespace, "tableName"));
        assertFalse(spark().catalog().tableExists(namespace + ".one"));
    }

    @Test
    public void namespacesNest() {
        sql("CREATE NAMESPACE " + namespace + ".inner COMMENT 'deep' ");
        sql("CREATE TABLE " + namespace + ".inner.t (id BIGINT)");
        assertTrue(column("SHOW NAMESPACES IN lake", "namespace").contains(namespace.substring(5)));
        assertEquals(List.of(namespace.substring(5) + ".inner"), column("SHOW NAMESPACES IN " + namespace, "namespace"));
        assertEquals("tables are no namespaces", List.of(), column("SHOW NAMESPACES IN " + namespace + ".inner", "namespace"));
        assertTrue(column("DESCRIBE NAMESPACE " + namespace + ".inner", "info_value").contains("deep"));
        assertFails("SCHEMA_ALREADY_EXISTS", () -> sql("CREATE NAMESPACE " + namespace));
        sql("CREATE NAMESPACE IF NOT EXISTS " + namespace);
        assertFails("SCHEMA_NOT_EMPTY", () -> sql("DROP NAMESPACE " + namespace));
        sql("DROP NAMESPACE " + namespace + " CASCADE");
        assertFalse(Files.exists(place("")));
        assertFails("SCHEMA_NOT_FOUND", () -> sql("DROP NAMESPACE " + namespace));
        assertFails("SCHEMA_NOT_FOUND", () -> sql("SHOW TABLES IN " + namespace).collect());
    }

    @Test
    public void namespacesKeepProperties() {
        sql("ALTER NAMESPACE " + namespace + " SET PROPERTIES ('a' = '1', 'b' = '2')");
        sql("ALTER NAMESPACE " + namespace + " UNSET PROPERTIES ('a')");
        String shown = sql("DESCRIBE NAMESPACE EXTENDED " + namespace).collectAsList().toString();
        assertTrue(shown, shown.contains("((b,2))"));
    }

    @Test
    public void tablesMayLieInTheWarehouseItself() throws Exception {
        String name = freshName("top");
        sql("CREATE TABLE lake." + name + " (id BIGINT)");
        spark().range(3).writeTo("lake." + name).append();
        assertEquals(3, delta(warehouse().resolve(name)).count());
        assertTrue(column("SHOW TABLES IN lake", "tableName").contains(name));
        sql("DROP TABLE lake." + name);
        assertFalse(Files.exists(warehouse().resolve(name)));
    }

    @Test
    public void definitionsAreWhatDeltaSees() {
        String columns = "id BIGINT NOT NULL COMMENT 'the key', s STRUCT<a: INT NOT NULL COMMENT 'inner', b: ARRAY<STRUCT<c: STRING>>>,"
                + " m MAP<STRING, DECIMAL(38,10)>, c CHAR(3), v VARCHAR(7), p DATE";
        sql("CREATE TABLE " + namespace + ".t (" + columns + ") PARTITIONED BY (p) COMMENT 'all about it'"
                + " TBLPROPERTIES ('delta.appendOnly' = 'true', 'delta.checkpointInterval' = '7', 'mine' = 'yes')");
        var seen = delta(place("t")).schema();
        sql("CREATE TABLE delta.`" + place("twin") + "` (" + columns + ") USING delta PARTITIONED BY (p)");
        assertEquals(delta(place("twin")).schema().json(), seen.json());
        Row detail = sql("DESCRIBE DETAIL delta.`" + place("t") + "`").first();
        assertEquals("all about it", detail.getAs("description"));
        assertEquals(List.of("p"), detail.getList(detail.fieldIndex("partitionColumns")));
        Map<String, String> properties = detail.getJavaMap(detail.fieldIndex("properties"));
        assertEquals(Map.of("delta.appendOnly", "true", "delta.checkpointInterval", "7", "mine", "yes"), properties);
        assertTrue(properties(namespace + ".t").entrySet().containsAll(properties.entrySet()));
        var described = sql("DESCRIBE TABLE " + namespace + ".t").collectAsList().stream()
                .collect(Collectors.toMap(r -> r.getString(0), r -> r.getString(1) + "/" + r.getString(2), (a, b) -> a));
        assertEquals("bigint/the key", described.get("id"));
        assertEquals("char(3)/null", described.get("c"));
        assertTrue(column("DESCRIBE EXTENDED " + namespace + ".t", "data_type").stream().anyMatch(v -> v.endsWith(place("t").toString())));
    }

    @Test
    public void protocolsAreAsLowAsTablesAllow() {
        sql("CREATE TABLE " + namespace + ".plain (id BIGINT NOT NULL, p INT) PARTITIONED BY (p) TBLPROPERTIES ('delta.appendOnly' = 'true')");
        sql("CREATE TABLE " + namespace + ".filled AS SELECT id FROM range(3)");
        assertEquals(List.of(1, 2), protocol("plain"));
        assertEquals(List.of(1, 2), protocol("filled"));
        sql("CREATE OR REPLACE TABLE " + namespace + ".filled AS SELECT id, 'x' AS name FROM range(5)");
        sql("INSERT INTO " + namespace + ".filled VALUES (5, 'y')");
        assertEquals(List.of(1, 2), protocol("filled"));
        assertEquals(6, delta(place("filled")).count());
        sql("CREATE TABLE " + namespace + ".featured (at TIMESTAMP_NTZ)");
        assertEquals(List.of(3, 7), protocol("featured"));
        sql("CREATE TABLE " + namespace + ".asked (id INT) TBLPROPERTIES ('delta.feature.appendOnly' = 'supported')");
        assertEquals(7, (int) protocol("asked").get(1));
        sql("CREATE TABLE " + namespace + ".low (id INT) TBLPROPERTIES ('delta.minReaderVersion' = '1', 'delta.minWriterVersion' = '2')");
        assertEquals(List.of(1, 2), protocol("low"));
    }

    private List<Integer> protocol(String table) {
        Row detail = sql("DESCRIBE DETAIL delta.`" + place(table) + "`").first();
        return List.of(detail.getAs("minReaderVersion"), detail.getAs("minWriterVersion"));
    }

    @Test
    public void clusteringColumnsAreDeltas() {
        sql("CREATE TABLE " + namespace + ".c (id BIGINT, s STRUCT<a: INT>, t STRING) CLUSTER BY (s.a, t)");
        sql("INSERT INTO " + namespace + ".c VALUES (1, NULL, NULL)");
        sql("INSERT INTO " + namespace + ".c VALUES (1, named_struct('a', 1), 'x')");
        Row detail = sql("DESCRIBE DETAIL delta.`" + place("c") + "`").first();
        assertEquals(List.of("s.a", "t"), detail.getList(detail.fieldIndex("clusteringColumns")));
        sql("OPTIMIZE delta.`" + place("c") + "`");
        assertEquals(2, delta(place("c")).count());
    }

    @Test
    public void shapesDeltaDoesNotKnowAreRefused() {
        String t = "CREATE TABLE " + namespace + ".bad ";
        for (String transform : List.of("years(d)", "months(d)", "days(d)", "hours(ts)", "bucket(4, id)")) {
            assertFails("UnsupportedTableException: \\[DELTA_OPERATION_NOT_ALLOWED", () -> sql(t + "(id INT, d DATE, ts TIMESTAMP) PARTITIONED BY (" + transform + ")"));
        }
        assertRefused("DELTA_CANNOT_USE_ALL_COLUMNS_FOR_PARTITION", () -> sql(t + "(id INT) PARTITIONED BY (id)"));
        assertRefused("DELTA_INVALID_PARTITION_COLUMN_TYPE", () -> sql(t + "(id INT, a ARRAY<INT>) PARTITIONED BY (a)"));
        assertRefused("DELTA_CLUSTERING_COLUMNS_DATATYPE_NOT_SUPPORTED", () -> sql(t + "(id INT, b BINARY) CLUSTER BY (b)"));
        assertRefused("DELTA_CLUSTER_BY_INVALID_NUM_COLUMNS", () -> sql(t + "(a INT, b INT, c INT, d INT, e INT) CLUSTER BY (a, b, c, d, e)"));
        assertRefused("DELTA_INVALID_CHARACTERS_IN_COLUMN_NAMES", () -> sql(t + "(`a b` INT)"));
        assertRefused("DELTA_INVALID_CHARACTERS_IN_COLUMN_NAMES", () -> sql(t + "(s STRUCT<`a=b`: INT>)"));
        assertFails("COLUMN_ALREADY_EXISTS", () -> sql(t + "(s STRUCT<a: INT, A: INT>)"));
        assertRefused("DELTA_NESTED_NOT_NULL_CONSTRAINT", () -> sql(t + "(a ARRAY<STRUCT<b: INT NOT NULL>>)"));
        assertRefused("SLUICE_UNSUPPORTED_PROVIDER", () -> sql(t + "(id INT) USING parquet"));
        assertFails("delta.noSuchProperty", () -> sql(t + "(id INT) TBLPROPERTIES ('delta.noSuchProperty' = '1')"));
        assertFails("TABLE_OR_VIEW_NOT_FOUND|CANNOT_REPLACE_MISSING", () -> sql("REPLACE TABLE " + namespace + ".bad AS SELECT 1 AS id"));
        assertFalse("nothing was left behind", Files.exists(place("bad")));
    }

    @Test
    public void columnMappingAllowsAnyName() {
        sql("CREATE TABLE " + namespace + ".odd (`a b,c` INT, `dot.ted` STRUCT<`x;y`: STRING>, `ünï` DATE) TBLPROPERTIES ('delta.columnMapping.mode' = 'name')");
        sql("INSERT INTO " + namespace + ".odd VALUES (1, named_struct('x;y', 'z'), date'2024-01-01')");
        assertEquals("[1,[z],2024-01-01]", delta(place("odd")).first().toString());
    }

    @Test
    public void sessionDefaultsBecomeProperties() {
        spark().conf().set("spark.databricks.delta.properties.defaults.appendOnly", "true");
        try {
            sql("CREATE TABLE " + namespace + ".d (id INT)");
        } finally {
            spark().conf().unset("spark.databricks.delta.properties.defaults.appendOnly");
        }
        assertEquals("true", properties(namespace + ".d").get("delta.appendOnly"));
    }

    @Test
    public void tablesMayLieElsewhere() {
        java.nio.file.Path elsewhere = SparkFixture.freshPath("elsewhere");
        String table = namespace + ".away";
        sql("CREATE TABLE " + table + " (id INT) LOCATION '" + elsewhere + "'");
        sql("INSERT INTO " + table + " VALUES (1)");
        assertEquals(1, delta(elsewhere).count());
        assertEquals(0, sql("SELECT * FROM " + table + " VERSION AS OF 0").count());
        assertEquals(List.of("away"), column("SHOW TABLES IN " + namespace, "tableName"));
        assertEquals("tables are no namespaces", List.of(), column("SHOW NAMESPACES IN " + namespace, "namespace"));
        assertTrue(column("DESCRIBE EXTENDED " + table, "data_type").contains("EXTERNAL"));
        assertFails("ALREADY_EXISTS", () -> sql("CREATE TABLE " + table + " (id INT)"));
        sql("ALTER TABLE " + table + " ADD COLUMN more INT");
        sql("ALTER TABLE " + table + " RENAME TO " + namespace.substring(5) + ".further");
        sql("CREATE OR REPLACE TABLE " + namespace + ".further AS SELECT 5 AS id");
        assertEquals("[[5]]", delta(elsewhere).collectAsList().toString());
        sql("DROP TABLE " + namespace + ".further");
        assertFalse(Files.exists(place("further")));
        sql("CREATE TABLE " + table + " LOCATION '" + elsewhere + "'");
        sql("INSERT INTO " + table + " VALUES (6)");
        assertEquals(2, delta(elsewhere).count());
        assertRefused("DELTA_CREATE_TABLE_SCHEME_MISMATCH", () -> sql("CREATE TABLE " + table + "_2 (s STRING) LOCATION '" + elsewhere + "'"));
        for (String protocol : List.of("'delta.feature.deletionVectors' = 'supported'", "'delta.minWriterVersion' = '7'")) {
            assertRefused("DELTA_CREATE_TABLE_WITH_DIFFERENT_PROPERTY", () -> sql("CREATE TABLE " + table + "_2 TBLPROPERTIES (" + protocol + ") LOCATION '" + elsewhere + "'"));
        }
        sql("CREATE TABLE " + table + "_4 TBLPROPERTIES ('delta.minReaderVersion' = '1', 'delta.minWriterVersion' = '2') LOCATION '" + elsewhere + "'");
        java.nio.file.Path filled = SparkFixture.freshPath("elsewhere");
        assertRefused("DELTA_CREATE_TABLE_WITH_NON_EMPTY_LOCATION", () -> sql("CREATE TABLE " + table + "_2 LOCATION '" + elsewhere.getParent() + "' AS SELECT 1 AS id"));
        sql("CREATE TABLE " + table + "_3 LOCATION '" + filled + "' AS SELECT id FROM range(3)");
        assertEquals(3, delta(filled).count());
        sql("DROP NAMESPACE " + namespace + " CASCADE");
        assertEquals("data elsewhere stays", 3, delta(filled).count());
    }

    @Test
    public void whatSparkNotesForItselfIsNotKept() throws Exception {
        Path source = freshPath("source");
        spark().range(2).write().parquet(source.toString());
        Path saved = freshPath("saved");
        spark().read().parquet(source.toString()).selectExpr("id", "_metadata AS m").write().format("sluice").mode("append").save(saved.toString());
        Path made = freshPath("made");
        sql("CREATE TABLE lake.delta.`" + made + "` (id INT, i INT DEFAULT 42) TBLPROPERTIES ('delta.feature.allowColumnDefaults' = 'supported')");
        Path copied = freshPath("copied");
        sql("CREATE TABLE lake.delta.`" + copied + "` AS SELECT * FROM lake.delta.`" + made + "`");
        for (Path table : List.of(saved, made, copied)) {
            String log = Files.readString(table.resolve("_delta_log/00000000000000000000.json"));
            assertFalse(log, log.contains("\\\"__") || log.contains("EXISTS_DEFAULT"));
        }
        sql("INSERT INTO lake.delta.`" + made + "` (id) VALUES (1)");
        assertEquals(42, delta(made).first().getInt(1));
    }

    @Test
    public void tablesThatWereClusteredSaySo() {
        String table = "lake." + freshName("unclustered");
        sql("CREATE TABLE " + table + " (id INT) CLUSTER BY (id)");
        sql("ALTER TABLE " + table + " CLUSTER BY NONE");
        List<String> described = sql("DESCRIBE " + table).collectAsList().stream().map(row -> row.getString(0)).toList();
        assertTrue(described.toString(), described.contains("# Clustering Information"));
        String created = sql("SHOW CREATE TABLE " + table).first().getString(0);
        assertFalse(created, created.contains("cluster_by"));
        sql("DROP TABLE " + table);
    }

    /** Delta's own connector looks at the list at each change of a table, and fails where it names nothing. */
    @Test
    public void statisticsColumnsAreColumns() {
        Path path = freshPath("listed");
        String table = "lake.delta.`" + path + "`";
        for (String list : List.of("idd", "p", "flag", "`id")) {
            assertFails("delta.dataSkippingStatsColumns' = '" + list, () -> sql("CREATE TABLE " + table
                    + " (id INT, p INT, flag BOOLEAN) PARTITIONED BY (p) TBLPROPERTIES ('delta.dataSkippingStatsColumns' = '" + list + "')"));
            assertFalse(Files.exists(path));
        }
        sql("CREATE TABLE " + table + " (a STRUCT<b: INT, d: INT>, `a.b` INT, `x, y` INT) TBLPROPERTIES ('delta.columnMapping.mode' = 'name', 'delta.dataSkippingStatsColumns' = '`a.b`, `x, y`, a.b')");
        assertFails("DELTA_COLUMN_NOT_FOUND_IN_SCHEMA", () -> sql("ALTER TABLE " + table + " SET TBLPROPERTIES ('delta.dataSkippingStatsColumns' = 'nosuch')"));
        sql("ALTER TABLE " + table + " RENAME COLUMN a TO c");
        sql("ALTER TABLE delta.`" + path + "` SET TBLPROPERTIES ('theirs' = '1')");
        sql("INSERT INTO " + table + " VALUES (named_struct('b', 1, 'd', 2), 3, 4)");
        assertEquals("`a.b`,`x, y`,c.b", sql("SHOW TBLPROPERTIES " + table + " ('delta.dataSkippingStatsColumns')").first().getString(1));
        sql("ALTER TABLE " + table + " DROP COLUMN c");
        sql("ALTER TABLE delta.`" + path + "` SET TBLPROPERTIES ('theirs' = '2')");
        assertEquals("`a.b`,`x, y`", sql("SHOW TBLPROPERTIES " + table + " ('delta.dataSkippingStatsColumns')").first().getString(1));
    }
}
