package io.sluice.spark.everyday;

import static io.sluice.spark.Failures.assertFails;
import static io.sluice.spark.everyday.Everyday.lake;
import static io.sluice.spark.everyday.Everyday.rows;
import static io.sluice.spark.everyday.Everyday.session;
import static io.sluice.spark.everyday.Everyday.since;
import static io.sluice.spark.everyday.Everyday.sql;
import static io.sluice.spark.everyday.Everyday.tables;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import io.sluice.spark.SparkFixture;
import io.sluice.spark.everyday.Everyday.Table;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.Test;

/** Rows on their way into tables: appended, overwritten, deleted, checked. */
public class WritesTest {
    private static Dataset<Row> one(long id, int p) {
        return session().range(id, id + 1).select(col("id"), lit(p).as("p"), expr("concat('t', id)").as("s"));
    }

    @FunctionalInterface
    private interface Write {
        void to(Table table) throws Exception;
    }

    @Test
    public void everyWayToAppend() throws Exception {
        one(1, 2).createOrReplaceTempView("everyday_row");
        List<Write> ways = List.of(
                table -> one(1, 2).writeTo(table.name()).append(),
                table -> one(1, 2).select("s", "id", "p").writeTo("lake.delta.`" + table.path() + "`").append(),
                table -> one(1, 2).write().format("delta").mode("append").saveAsTable(table.name()),
                table -> one(1, 2).write().insertInto(table.name()),
                table -> one(1, 2).write().format("sluice").mode("append").save(table.path().toString()),
                table -> sql("INSERT INTO " + table.name() + " SELECT * FROM everyday_row"),
                table -> sql("INSERT INTO " + table.name() + " BY NAME SELECT s, p, id FROM everyday_row"),
                table -> sql("INSERT INTO " + table.name() + " (s, id, p) VALUES ('t1', 1, 2)"),
                table -> sql("INSERT INTO " + table.name() + " PARTITION (p = 2) VALUES (1, 't1')"),
                table -> sql("INSERT INTO delta.`" + table.path() + "` VALUES (1, 2, 't1')"));
        for (Table table : tables("append")) {
            table.create("id BIGINT, p INT, s STRING", "PARTITIONED BY (p)");
            for (Write way : ways) {
                way.to(table);
            }
            assertEquals(Collections.nCopies(ways.size(), "[1,2,t1]"), table.rows());
            assertEquals("one commit each", 1 + ways.size(), commits(table));
        }
    }

    private static long commits(Table table) throws Exception {
        try (var log = Files.list(table.path().resolve("_delta_log"))) {
            return log.filter(file -> file.toString().endsWith(".json")).count();
        }
    }

    @Test
    public void everyWayToOverwriteAndDelete() throws Exception {
        for (Table table : tables("overwrite")) {
            String name = table.name();
            table.create("id BIGINT, p INT, s STRING", "PARTITIONED BY (p)");
            sql("INSERT INTO " + name + " VALUES (0, 0, 'gone')");
            sql("INSERT OVERWRITE " + name + " VALUES (1, 1, 'a'), (2, 2, 'b'), (3, NULL, 'c')");
            assertIds(table, 1, 2, 3);
            one(4, 1).writeTo(name).overwrite(col("p").equalTo(1));
            assertIds(table, 2, 3, 4);
            one(5, 2).writeTo(name).overwritePartitions();
            assertIds(table, 3, 4, 5);
            sql("INSERT OVERWRITE " + name + " PARTITION (p = 1) SELECT 6L, 'f'");
            assertIds(table, 3, 5, 6);
            sql("INSERT INTO " + name + " REPLACE WHERE p = 2 SELECT 7L, 2, 'g'");
            assertIds(table, 3, 6, 7);
            one(8, 2).write().format("sluice").mode("overwrite").option("replaceWhere", "p = 2").save(table.path().toString());
            assertIds(table, 3, 6, 8);
            one(9, 1).write().format("sluice").mode("overwrite").option("partitionOverwriteMode", "dynamic").save(table.path().toString());
            assertIds(table, 3, 8, 9);
            assertFails("DELTA_REPLACE_WHERE_MISMATCH", () -> one(10, 7).writeTo(name).overwrite(col("p").equalTo(1)));
            sql("DELETE FROM " + name + " WHERE p IS NULL");
            assertIds(table, 8, 9);
            sql("DELETE FROM " + name + " WHERE p IN (1, 5)");
            assertIds(table, 8);
            one(11, 2).write().mode("overwrite").insertInto(name);
            assertIds(table, 11);
            one(12, 3).writeTo(name).overwrite(lit(true));
            assertIds(table, 12);
            one(13, 3).write().format("sluice").mode("overwrite").save(table.path().toString());
            assertIds(table, 13);
            sql("TRUNCATE TABLE " + name);
            assertIds(table);
            assertEquals(List.of("[13,3,t13]"), rows("SELECT * FROM " + name + " VERSION AS OF " + (commits(table) - 2)));
        }
    }

    @Test
    public void everyWayToChangeRows() {
        for (Table table : tables("change")) {
            String name = table.name();
            table.create("id BIGINT, c CHAR(3), v STRING, p INT", "PARTITIONED BY (p)");
            sql("INSERT INTO " + name + " VALUES (1, 'a', 'one', 1), (2, 'b', 'two', 1), (3, 'c', 'three', 2), (4, 'd', 'four', 2), (5, 'e', NULL, NULL)");
            sql("DELETE FROM " + name + " WHERE id = 2 OR c = 'd'");
            assertHolds(table, "[1,a  ,one,1]", "[3,c  ,three,2]", "[5,e  ,null,null]");
            sql("UPDATE " + name + " AS t SET v = concat(t.v, '!'), p = 3 WHERE t.c = 'c' OR t.id < 2");
            assertHolds(table, "[1,a  ,one!,3]", "[3,c  ,three!,3]", "[5,e  ,null,null]");
            sql("MERGE INTO " + name + " t USING (SELECT * FROM VALUES (1L, 'x'), (3L, 'y'), (6L, 'z') AS s(id, v)) s ON t.id = s.id"
                    + " WHEN MATCHED AND s.v = 'x' THEN DELETE WHEN MATCHED THEN UPDATE SET v = s.v"
                    + " WHEN NOT MATCHED THEN INSERT (id, c, v, p) VALUES (s.id, 'f', s.v, 1) WHEN NOT MATCHED BY SOURCE THEN UPDATE SET p = 9");
            assertHolds(table, "[3,c  ,y,3]", "[5,e  ,null,9]", "[6,f  ,z,1]");
            sql("DELETE FROM " + name + " WHERE id IN (SELECT max(id) FROM " + name + ")");
            sql(since("4.1") // before it Spark makes a plan without a table of an insert alone into one with CHAR columns
                    ? "MERGE INTO " + name + " t USING (SELECT 7L AS id) s ON t.id = s.id WHEN NOT MATCHED THEN INSERT (id, c, v, p) VALUES (s.id, 'g', 'new', 3)"
                    : "INSERT INTO " + name + " VALUES (7, 'g', 'new', 3)");
            assertHolds(table, "[3,c  ,y,3]", "[5,e  ,null,9]", "[7,g  ,new,3]");
            sql("ALTER TABLE " + name + " SET TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')");
            sql("INSERT INTO " + name + " SELECT id, 'h', 'many', 3 FROM range(10, 20)");
            sql("DELETE FROM " + name + " WHERE v = 'many' AND id <> 13");
            sql("UPDATE " + name + " SET v = 'last' WHERE id = 13 OR p = 9");
            assertEquals(List.of("[13,h  ,last,3]", "[3,c  ,y,3]", "[5,e  ,last,9]", "[7,g  ,new,3]"), Everyday.sorted(table.read()));
            assertFails("MERGE_CARDINALITY_VIOLATION", () -> sql("MERGE INTO " + name + " t USING (SELECT 7L AS id FROM range(2)) s ON t.id = s.id WHEN MATCHED THEN UPDATE SET p = 1"));
        }
    }

    private static void assertHolds(Table table, String... rows) {
        assertEquals(List.of(rows), table.rows());
    }

    private static void assertIds(Table table, long... ids) {
        table.rows();
        assertEquals(Arrays.stream(ids).mapToObj(id -> "[" + id + "]").sorted().toList(), Everyday.sorted(table.read().select("id")));
    }

    @Test
    public void everyTypeComesBack() {
        for (Table table : tables("types")) {
            table.create("id INT NOT NULL, t TINYINT, vc VARCHAR(3), b BOOLEAN, s SMALLINT, l BIGINT, f FLOAT, d DOUBLE, c DECIMAL(38, 10), x STRING, y BINARY, "
                    + "day DATE, at TIMESTAMP, ntz TIMESTAMP_NTZ, ch CHAR(3), a ARRAY<STRUCT<k: INT, v: STRING>>, m MAP<STRING, ARRAY<INT>>", "");
            sql("INSERT INTO " + table.name() + " VALUES (1, 1, 'xyz', true, 2, 3, 4.5, -0.0D, 123.4567890123, 'ü😀', X'00FF', DATE'1582-10-15', "
                    + "TIMESTAMP'2024-02-29 01:02:03.456789', TIMESTAMP_NTZ'1969-12-31 23:59:59.999999', 'x', "
                    + "array(named_struct('k', 1, 'v', 'w'), NULL), map('k', array(1, NULL)))");
            String insert = "INSERT INTO " + table.name() + " VALUES (%s" + ", NULL".repeat(14) + ")";
            sql(insert.formatted("2, NULL, NULL"));
            assertEquals("2, " + String.join(", ", Collections.nCopies(16, "null")), table.read().where("id = 2").first().mkString(", "));
            assertEquals(2, table.rows().size());
            assertEquals(1, table.read().where("at = TIMESTAMP'2024-02-29 01:02:03.456789' AND ch = 'x' AND d = 0 AND c > 123 AND y = X'00FF'").count());
            assertFails("NOT_NULL", () -> sql(insert.formatted("NULL, 1, 'x'")));
            assertFails("CAST_OVERFLOW|ARITHMETIC", () -> sql(insert.formatted("3, 1000, 'x'")));
            assertFails("EXCEED_LIMIT_LENGTH", () -> sql(insert.formatted("3, 1, 'xyzw'")));
        }
    }

    @Test
    public void variants() {
        Table table = lake("variants").create("id INT, v VARIANT, s STRUCT<v: VARIANT>", "");
        sql("INSERT INTO " + table.name() + " SELECT 1, parse_json('{\"a\": [1, \"two\"]}'), named_struct('v', parse_json('3.5')) UNION ALL SELECT 2, NULL, NULL");
        assertEquals(List.of("[1,two,3.5]", "[2,null,null]"),
                rows("SELECT id, variant_get(v, '$.a[1]', 'string'), CAST(s.v AS DOUBLE) FROM " + table.name()));
        assertEquals(List.of("[1,{\"a\":[1,\"two\"]}]", "[2,null]"),
                Everyday.sorted(SparkFixture.delta(table.path()).selectExpr("id", "to_json(v)")));
        Table copy = lake("variants");
        sql("CREATE TABLE " + copy.name() + " AS SELECT * FROM " + table.name() + " WHERE variant_get(v, '$.a[0]', 'int') = 1");
        assertEquals(List.of("[1,{\"a\":[1,\"two\"]}]"), rows("SELECT id, to_json(v) FROM " + copy.name()));
    }

    @Test
    public void constraints() {
        for (Table table : tables("constraints")) {
            String name = table.name();
            table.create(since("4.1") ? "id BIGINT, s STRING, CONSTRAINT positive CHECK (id > 0)" : "id BIGINT, s STRING", "");
            if (!since("4.1")) { // Spark has no such statement yet, delta-spark's extension has.
                sql("ALTER TABLE " + name + " ADD CONSTRAINT positive CHECK (id > 0)");
            }
            sql("ALTER TABLE " + name + " ADD CONSTRAINT short CHECK (length(s) < 3)");
            sql("INSERT INTO " + name + " VALUES (1, 'a')");
            assertFails("DELTA_VIOLATE_CONSTRAINT_WITH_VALUES", () -> sql("INSERT INTO " + name + " VALUES (NULL, 'b')"));
            assertFails("DELTA_VIOLATE_CONSTRAINT_WITH_VALUES", () -> sql("INSERT INTO " + name + " VALUES (-1, 'b')"));
            assertFails("DELTA_VIOLATE_CONSTRAINT_WITH_VALUES", () -> session().range(1).selectExpr("id + 1 AS id", "'long' AS s").writeTo(name).append());
            sql("ALTER TABLE " + name + " DROP CONSTRAINT short");
            sql("INSERT INTO " + name + " VALUES (2, 'long')");
            assertEquals(List.of("[1,a]", "[2,long]"), table.rows());
        }
    }

    @Test
    public void columnarParquet() throws Exception {
        var directory = SparkFixture.freshPath("parquet");
        session().range(0, 20_000, 1, 2).selectExpr("id", "concat('t', id % 7) AS s", "IF(id % 3 = 0, NULL, id / 4D) AS d", "array(id, NULL) AS a")
                .write().parquet(directory.toString());
        for (Table table : tables("columnar")) {
            table.create("id BIGINT, s STRING, d DOUBLE, a ARRAY<BIGINT>", "");
            String insert = "INSERT INTO " + table.name() + " SELECT * FROM parquet.`" + directory + "`";
            assertTrue(Everyday.said("EXPLAIN " + insert).contains("SluiceColumnarInput"));
            sql(insert);
            session().read().parquet(directory.toString()).where("id < 5").writeTo(table.name()).append();
            Table copy = lake("copy");
            String between = "CREATE TABLE " + copy.name() + " AS SELECT * FROM " + table.name();
            sql(between);
            List<String> expected = Everyday.sorted(session().read().parquet(directory.toString()).selectExpr("count(*) + 5",
                    "sum(id) + 10", "count(s) + 5", "sum(d) + 1.75", "count(DISTINCT s)", "sum(size(a)) + 10"));
            for (Dataset<Row> written : List.of(table.read(), copy.read(), SparkFixture.delta(table.path()), SparkFixture.delta(copy.path()))) {
                assertEquals(expected, Everyday.sorted(
                        written.selectExpr("count(*)", "sum(id)", "count(s)", "sum(d)", "count(DISTINCT s)", "sum(size(a))")));
            }
        }
    }

    @Test
    public void optionsAndFailures() throws Exception {
        for (Table table : tables("options")) {
            String name = table.name();
            table.create("id BIGINT, p INT, s STRING", "");
            for (int time = 0; time < 2; time++) {
                one(1, 1).writeTo(name).option("txnAppId", "everyday").option("txnVersion", "1").option("userMetadata", "once").append();
            }
            session().range(0, 40, 1, 1).selectExpr("id", "1 AS p", "'x' AS s").writeTo(name).option("maxRecordsPerFile", "10").option("compression", "gzip").append();
            assertEquals(41, table.rows().size());
            try (var files = Files.list(table.path())) {
                assertEquals(5, files.filter(file -> file.toString().endsWith(".parquet")).count());
            }
            long before = commits(table);
            assertFails("SLUICE_UNSUPPORTED_OPTION", () -> one(1, 1).writeTo(name).option("mergeSchema", "true").append());
            assertFails("no luck", () -> sql("INSERT INTO " + name + " SELECT id, 1, CAST(raise_error('no luck') AS STRING) FROM range(3)"));
            assertFails("INSERT_COLUMN_ARITY_MISMATCH|TOO_MANY_DATA_COLUMNS", () -> sql("INSERT INTO " + name + " VALUES (1, 2, 'x', 'more')"));
            assertEquals(before, commits(table));
        }
    }
}
