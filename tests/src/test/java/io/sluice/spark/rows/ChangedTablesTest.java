package io.sluice.spark.rows;

import static io.sluice.spark.SparkFixture.byPath;
import static io.sluice.spark.SparkFixture.delta;
import static io.sluice.spark.SparkFixture.freshName;
import static io.sluice.spark.SparkFixture.freshPath;
import static io.sluice.spark.SparkFixture.spark;
import static io.sluice.spark.SparkFixture.sql;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;

import io.sluice.spark.Rows;
import io.sluice.spark.SampleColumns;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.Test;

/** Rows changed in tables of every kind, as delta-spark reads them afterwards. */
public class ChangedTablesTest {
    private static final Map<String, String> KINDS = new LinkedHashMap<>();

    static {
        KINDS.put("plain", "");
        KINDS.put("partitioned", "PARTITIONED BY (p)");
        KINDS.put("clustered", "CLUSTER BY (id)");
        KINDS.put("vectors", properties("delta.enableDeletionVectors"));
        KINDS.put("vectors of partitions", "PARTITIONED BY (p) " + properties("delta.enableDeletionVectors"));
        KINDS.put("mapped by name", "PARTITIONED BY (p) TBLPROPERTIES ('delta.columnMapping.mode' = 'name')");
        KINDS.put("mapped by id", "TBLPROPERTIES ('delta.columnMapping.mode' = 'id', 'delta.enableDeletionVectors' = 'true')");
        KINDS.put("tracked", properties("delta.enableRowTracking"));
        KINDS.put("tracked, in vectors", properties("delta.enableRowTracking", "delta.enableDeletionVectors"));
        KINDS.put("fed", properties("delta.enableChangeDataFeed"));
        KINDS.put("fed, tracked, in vectors", "PARTITIONED BY (p) "
                + properties("delta.enableChangeDataFeed", "delta.enableRowTracking", "delta.enableDeletionVectors"));
        KINDS.put("timed", properties("delta.enableInCommitTimestamps"));
        KINDS.put("checkpointed", "TBLPROPERTIES ('delta.checkpointPolicy' = 'v2', 'delta.checkpointInterval' = '1')");
        KINDS.put("materialized", "PARTITIONED BY (p) TBLPROPERTIES ('delta.feature.materializePartitionColumns' = 'supported')");
    }

    private static String properties(String... names) {
        return "TBLPROPERTIES (" + String.join(", ", List.of(names).stream().map(name -> "'" + name + "' = 'true'").toList()) + ")";
    }

    @Test
    public void tablesOfEveryKind() {
        for (var kind : KINDS.entrySet()) {
            Path table = freshPath("kind");
            sql("CREATE TABLE delta.`" + table + "` (id BIGINT, v STRING, p INT) USING delta " + kind.getValue());
            spark().range(0, 12, 1, 2).selectExpr("id", "concat('v', id) AS v", "CAST(id % 3 AS INT) AS p").write().format("delta").mode("append").save(table.toString());
            String name = byPath(table);
            sql("DELETE FROM " + name + " WHERE id IN (1, 2, 8)");
            assertHolds(kind.getKey(), table, "[0,v0,0]", "[10,v10,1]", "[11,v11,2]", "[3,v3,0]", "[4,v4,1]", "[5,v5,2]", "[6,v6,0]", "[7,v7,1]", "[9,v9,0]");
            sql("UPDATE " + name + " SET v = 'new', p = p + 1 WHERE id > 8");
            sql("INSERT INTO delta.`" + table + "` VALUES (20, 'between', 1)");
            assertHolds(kind.getKey(), table, "[0,v0,0]", "[10,new,2]", "[11,new,3]", "[20,between,1]", "[3,v3,0]", "[4,v4,1]", "[5,v5,2]", "[6,v6,0]", "[7,v7,1]", "[9,new,1]");
            sql("MERGE INTO " + name + " t USING (SELECT * FROM VALUES (3L, 'three'), (10L, 'ten'), (30L, 'thirty') AS s(id, v)) s ON t.id = s.id"
                    + " WHEN MATCHED AND t.v = 'new' THEN DELETE WHEN MATCHED THEN UPDATE SET v = s.v WHEN NOT MATCHED THEN INSERT (id, v, p) VALUES (s.id, s.v, 9)"
                    + " WHEN NOT MATCHED BY SOURCE AND t.id > 19 THEN UPDATE SET p = NULL WHEN NOT MATCHED BY SOURCE AND t.id BETWEEN 5 AND 6 THEN DELETE");
            assertHolds(kind.getKey(), table, "[0,v0,0]", "[11,new,3]", "[20,between,null]", "[3,three,0]", "[30,thirty,9]", "[4,v4,1]", "[7,v7,1]", "[9,new,1]");
            sql("DELETE FROM delta.`" + table + "` WHERE id IN (0, 30)");
            sql("DELETE FROM " + name + " WHERE p = 1 OR p IS NULL");
            assertHolds(kind.getKey(), table, "[11,new,3]", "[3,three,0]");
        }
    }

    private static void assertHolds(String what, Path table, String... rows) {
        assertEquals(what, List.of(rows), Statements.rows(delta(table)));
        assertEquals(what, List.of(rows), Statements.rows(sql("SELECT * FROM " + byPath(table))));
    }

    /** What is copied is what was there, bit by bit. */
    @Test
    public void columnsOfEveryType() throws Exception {
        List<SampleColumns.Column> columns = new ArrayList<>(SampleColumns.FLAT);
        columns.addAll(SampleColumns.NESTED);
        columns.addAll(SampleColumns.NTZ);
        columns.addAll(SampleColumns.VARIANT);
        Dataset<Row> rows = SampleColumns.parts(columns, 1, 400).all();
        for (String more : List.of("", "PARTITIONED BY (c_string)")) {
            Path table = freshPath("typed");
            sql("CREATE TABLE " + byPath(table) + " (" + SampleColumns.ddl(columns) + ") " + more);
            rows.coalesce(1).writeTo(byPath(table)).option("sluice.rowGroupSize", "20k").append();
            Dataset<Row> before = delta(table).where("id % 7 <> 3").localCheckpoint();
            sql("DELETE FROM " + byPath(table) + " WHERE id % 7 = 3");
            Rows.assertSame("deleted " + more, before, delta(table));
            sql("UPDATE " + byPath(table) + " SET id = id WHERE id % 5 = 1");
            Rows.assertSame("updated " + more, before, delta(table));
            Rows.assertSame("read by us " + more, before, spark().table(byPath(table)));
        }
    }

    /** Files are as old as the columns that they have. */
    @Test
    public void columnsThatCameWentAndWidened() {
        Path table = freshPath("evolved");
        sql("CREATE TABLE delta.`" + table + "` (id INT, gone STRING, n SMALLINT, s STRUCT<a: INT>) USING delta "
                + "TBLPROPERTIES ('delta.columnMapping.mode' = 'name', 'delta.enableTypeWidening' = 'true')");
        sql("INSERT INTO delta.`" + table + "` SELECT /*+ COALESCE(1) */ * FROM VALUES (1, 'x', 1S, struct(1)), (2, 'y', 2S, NULL), (3, 'z', 3S, struct(3))");
        sql("ALTER TABLE " + byPath(table) + " DROP COLUMN gone");
        sql("ALTER TABLE " + byPath(table) + " ADD COLUMNS (came STRING, s.b STRING)");
        sql("ALTER TABLE " + byPath(table) + " ALTER COLUMN n TYPE BIGINT");
        sql("ALTER TABLE " + byPath(table) + " RENAME COLUMN id TO key");
        sql("DELETE FROM " + byPath(table) + " WHERE key = 1");
        assertHolds("deleted", table, "[2,2,null,null]", "[3,3,[3,null],null]");
        sql("UPDATE " + byPath(table) + " SET n = n + 5000000000, came = 'new', s.b = 'b' WHERE key = 3");
        assertHolds("updated", table, "[2,2,null,null]", "[3,5000000003,[3,b],new]");
    }

    /** delta-spark stores values as they are given, we with their spaces. */
    @Test
    public void charColumns() {
        Statements table = Statements.of("id INT, c CHAR(3), v VARCHAR(3), p CHAR(2), s STRUCT<c: CHAR(3)>", "PARTITIONED BY (p)",
                "1, 'a', 'a', 'x', struct('m')", "(2, 'b', 'b', 'y', struct('n')), (3, 'c', 'c', 'y', NULL)", "(4, 'd', 'd', 'z', struct('o')), (5, 'e', 'e', 'z', struct('p'))");
        sql("INSERT INTO " + table.name() + " VALUES (6, 'd', 'd', 'z', struct('o'))");
        table.sayToOurs("DELETE FROM %s WHERE c = 'd'", "[1,a  ,a,x ,[m  ]]", "[2,b  ,b,y ,[n  ]]", "[3,c  ,c,y ,null]", "[5,e  ,e,z ,[p  ]]");
        table.sayToOurs("UPDATE %s SET v = 'new' WHERE c IN ('a', 'c') AND p <> 'z'", "[1,a  ,new,x ,[m  ]]", "[2,b  ,b,y ,[n  ]]", "[3,c  ,new,y ,null]", "[5,e  ,e,z ,[p  ]]");
        table.sayToOurs("UPDATE %s SET c = 'q' WHERE s.c = 'n  ' AND p = 'y'", "[1,a  ,new,x ,[m  ]]", "[2,q  ,b,y ,[n  ]]", "[3,c  ,new,y ,null]", "[5,e  ,e,z ,[p  ]]");
        table.sayToOurs("MERGE INTO %s t USING (SELECT 'e' AS c) s ON t.c = rpad(s.c, 3, ' ') WHEN MATCHED THEN UPDATE SET id = 50",
                "[1,a  ,new,x ,[m  ]]", "[2,q  ,b,y ,[n  ]]", "[3,c  ,new,y ,null]", "[50,e  ,e,z ,[p  ]]");
        table.sayToOurs("MERGE INTO %s t USING (SELECT 'z' AS p) s ON t.p = rpad(s.p, 2, ' ') WHEN MATCHED THEN DELETE", "[1,a  ,new,x ,[m  ]]", "[2,q  ,b,y ,[n  ]]", "[3,c  ,new,y ,null]");
        table.sayToOurs("DELETE FROM %s WHERE p = 'y'", "[1,a  ,new,x ,[m  ]]");
    }

    /** What delta-spark tells of the same statements, but the versions' numbers. */
    @Test
    public void theFeedTellsOfEachRow() {
        for (String more : List.of("", "'delta.enableDeletionVectors' = 'true', ", "'delta.columnMapping.mode' = 'name', ")) {
            Statements table = Statements.of("id BIGINT, v STRING, p INT", "PARTITIONED BY (p) TBLPROPERTIES (" + more + "'delta.enableChangeDataFeed' = 'true')",
                    "0, NULL, NULL", "(1, 'a', 1), (2, 'b', 1), (3, 'c', 1), (4, 'd', 2)", "(5, 'e', 2), (6, 'f', 1)");
            table.say("DELETE FROM %s WHERE id = 2 OR v = 'e'");
            table.say("UPDATE %s SET v = upper(v), p = p + 1 WHERE id IN (1, 4)");
            table.say("MERGE INTO %s t USING (SELECT * FROM VALUES (1L, 'one'), (3L, 'three'), (9L, 'nine') AS s(id, v)) s ON t.id = s.id"
                    + " WHEN MATCHED AND s.id = 1 THEN DELETE WHEN MATCHED THEN UPDATE SET v = s.v WHEN NOT MATCHED THEN INSERT (id, v) VALUES (s.id, s.v)"
                    + " WHEN NOT MATCHED BY SOURCE AND t.v IS NULL THEN UPDATE SET v = 'none'");
            table.say("MERGE INTO %s t USING (SELECT 20L AS id) s ON t.id = s.id WHEN NOT MATCHED THEN INSERT (id) VALUES (s.id)");
            table.say("DELETE FROM %s WHERE p = 1");
            List<List<String>> feeds = table.feeds("id, v, p", 0);
            assertEquals(more, String.join("\n", feeds.get(0)), String.join("\n", feeds.get(1)));
            assertFalse(feeds.get(1).isEmpty());
        }
    }

    /** Ids of rows, by the rows. */
    private static Map<Object, Row> tracked(Dataset<Row> table) {
        Map<Object, Row> ids = new TreeMap<>();
        table.selectExpr("id", "struct(_metadata.row_id, _metadata.row_commit_version)").collectAsList().forEach(row -> ids.put(row.get(0), row.getStruct(1)));
        return ids;
    }

    @Test
    public void rowsKeepTheirIds() {
        for (String more : List.of("", ", 'delta.enableDeletionVectors' = 'true'")) {
            Path table = freshPath("tracked");
            sql("CREATE TABLE delta.`" + table + "` (id BIGINT, v STRING) USING delta TBLPROPERTIES ('delta.enableRowTracking' = 'true'" + more + ")");
            spark().range(0, 20, 1, 2).selectExpr("id", "concat('v', id) AS v").write().format("delta").mode("append").save(table.toString());
            for (String statement : List.of("DELETE FROM %s WHERE id % 7 = 3", "UPDATE %s SET v = 'new' WHERE id % 5 = 1", "UPDATE %s SET v = 'newer' WHERE id IN (0, 6)",
                    "MERGE INTO %s t USING (SELECT id * 4 AS id FROM range(8)) s ON t.id = s.id WHEN MATCHED AND s.id < 5 THEN DELETE WHEN MATCHED THEN UPDATE SET v = 'm'"
                            + " WHEN NOT MATCHED THEN INSERT (id, v) VALUES (s.id, 'i')")) {
                Map<Object, Row> before = tracked(delta(table));
                Map<Object, String> texts = texts(table);
                sql(statement.replace("%s", byPath(table)));
                Map<Object, Row> after = tracked(delta(table));
                assertEquals(statement, after, tracked(spark().table(byPath(table))));
                assertEquals(statement, after.size(), after.values().stream().map(row -> row.getLong(0)).distinct().count());
                long version = io.sluice.spark.SparkFixture.versions(table) - 1;
                texts(table).forEach((id, text) -> {
                    Row was = before.get(id);
                    boolean isSame = text.equals(texts.get(id));
                    if (was != null) {
                        assertEquals(statement, was.getLong(0), after.get(id).getLong(0));
                    }
                    assertEquals(statement + " " + id, isSame ? was.getLong(1) : version, after.get(id).getLong(1));
                });
            }
        }
    }

    private static Map<Object, String> texts(Path table) {
        Map<Object, String> texts = new TreeMap<>();
        delta(table).collectAsList().forEach(row -> texts.put(row.get(0), row.getString(1)));
        return texts;
    }

    @Test
    public void tablesThatAreRefused() throws Exception {
        List<String> statements = List.of("DELETE FROM %s WHERE id = 1", "UPDATE %s SET id = 7", "MERGE INTO %s t USING (SELECT 1L AS id) s ON t.id = s.id WHEN MATCHED THEN DELETE");
        Map<String, String> refusals = Map.of("delta.appendOnly", "DELTA_CANNOT_MODIFY_APPEND_ONLY",
                "delta.enableIcebergCompatV2", "DELTA_UNSUPPORTED_FEATURES_FOR_WRITE", "delta.enableIcebergCompatV3", "DELTA_UNSUPPORTED_FEATURES_FOR_WRITE");
        for (var refusal : refusals.entrySet()) {
            String name = "lake." + freshName("refused");
            sql("CREATE TABLE " + name + " TBLPROPERTIES ('" + refusal.getKey() + "' = 'true') AS SELECT id FROM range(3)");
            for (String statement : statements) {
                io.sluice.spark.Failures.assertRefused(refusal.getValue(), () -> sql(statement.formatted(name)));
            }
            assertEquals(3, sql("SELECT * FROM " + name).count());
        }
    }

    /** Refused as appends to them are. */
    @Test
    public void computedColumns() throws Exception {
        for (String column : List.of("g BIGINT GENERATED ALWAYS AS (id * 2)", "g BIGINT GENERATED ALWAYS AS IDENTITY")) {
            Path table = freshPath("computed");
            sql("CREATE TABLE delta.`" + table + "` (id BIGINT, " + column + ") USING delta");
            sql("INSERT INTO delta.`" + table + "` (id) VALUES (1), (2)");
            for (String statement : List.of("UPDATE %s SET id = 7", "DELETE FROM %s WHERE id = 1", "MERGE INTO %s t USING (SELECT 1L AS id) s ON t.id = s.id WHEN MATCHED THEN UPDATE SET id = 5")) {
                io.sluice.spark.Failures.assertRefused("DELTA_UNSUPPORTED_FEATURES_FOR_WRITE", () -> sql(statement.formatted(byPath(table))));
            }
            assertEquals(2, delta(table).count());
        }
    }
}
