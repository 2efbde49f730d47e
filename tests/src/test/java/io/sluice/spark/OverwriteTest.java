package io.sluice.spark;

import static io.sluice.spark.Failures.assertFails;
import static io.sluice.spark.Failures.assertRefused;
import static io.sluice.spark.SparkFixture.byPath;
import static io.sluice.spark.SparkFixture.delta;
import static io.sluice.spark.SparkFixture.freshName;
import static io.sluice.spark.SparkFixture.freshPath;
import static io.sluice.spark.SparkFixture.spark;
import static io.sluice.spark.SparkFixture.sql;
import static io.sluice.spark.SparkFixture.versions;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNotEquals;
import static org.junit.Assert.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.After;
import org.junit.Test;

/** Rows that take the place of others: the same tables that delta-spark makes of the same statements. */
public class OverwriteTest {
    private static final String MODE = "spark.sql.sources.partitionOverwriteMode";

    private final Twins twins = new Twins();

    @After
    public void unset() {
        spark().conf().unset(MODE);
    }

    private interface Write {
        void to(String format, Path path, String table) throws Exception;
    }

    /** By us to the one table and by delta-spark to the other. */
    private void both(Write write) throws Exception {
        write.to("delta", twins.theirs, "delta.`" + twins.theirs + "`");
        write.to("sluice", twins.ours, byPath(twins.ours));
        assertEquals(Twins.shape(twins.theirs), Twins.shape(twins.ours));
        assertEquals(Twins.sorted(twins.theirs), Twins.sorted(twins.ours));
        assertEquals("read by us", Twins.sorted(twins.theirs), ours());
        assertEquals(versions(twins.theirs), versions(twins.ours));
        assertEquals(parameters(twins.theirs), parameters(twins.ours));
    }

    /** Without partitionBy, which delta-spark takes from the statement and we from the table. */
    private static Map<String, String> parameters(Path table) {
        Row last = Twins.last(table);
        Map<String, String> parameters = new TreeMap<>(last.<String, String>getJavaMap(last.fieldIndex("operationParameters")));
        parameters.remove("partitionBy");
        parameters.computeIfPresent("predicate", (key, predicate) -> predicate.replaceAll("#\\d+", ""));
        parameters.put("operation", last.getAs("operation"));
        return parameters;
    }

    private List<String> ours() {
        return sql("SELECT * FROM " + byPath(twins.ours)).collectAsList().stream().map(Row::toString).sorted().toList();
    }

    private static Dataset<Row> rows(int from, int to) {
        return spark().range(from, to).selectExpr("id", "CAST(id % 3 AS INT) AS p", "concat('t', id) AS s");
    }

    private void partitioned() throws Exception {
        twins.create("id BIGINT, p INT, s STRING", "PARTITIONED BY (p)", "100, 1, 'first'");
        for (Path table : List.of(twins.ours, twins.theirs)) {
            rows(0, 9).write().format("delta").mode("append").save(table.toString());
            sql("INSERT INTO delta.`" + table + "` VALUES (101, NULL, 'no partition')");
        }
    }

    @Test
    public void allRows() throws Exception {
        twins.create("id BIGINT, p INT, s STRING", "", "1, 1, 'first'");
        both((format, path, table) -> rows(0, 5).write().format(format).mode("overwrite").save(path.toString()));
        both((format, path, table) -> rows(5, 8).write().mode("overwrite").insertInto(table));
        both((format, path, table) -> sql("INSERT OVERWRITE " + table + " VALUES (7, 7, 'seven')"));
        both((format, path, table) -> sql("INSERT OVERWRITE TABLE " + table + " BY NAME SELECT 's' AS s, 8L AS id, 1 AS p"));
        rows(8, 9).writeTo(byPath(twins.ours)).overwrite(lit(true));
        assertEquals(List.of("[8,2,t8]"), Twins.sorted(twins.ours));
        rows(9, 11).writeTo(byPath(twins.ours)).overwritePartitions();
        assertEquals("without partitions it is all of it", 2, delta(twins.ours).count());
        assertEquals("old versions stay", 5, sql("SELECT * FROM " + byPath(twins.ours) + " VERSION AS OF 2").count());
    }

    @Test
    public void theHistoryTellsWhatWent() throws Exception {
        partitioned();
        rows(20, 22).write().format("sluice").mode("overwrite").save(twins.ours.toString());
        Row last = Twins.last(twins.ours);
        Map<String, String> metrics = last.getJavaMap(last.fieldIndex("operationMetrics"));
        long removed = sql("SELECT * FROM delta.`" + twins.ours + "` VERSION AS OF " + (last.<Long>getAs("version") - 1)).inputFiles().length;
        assertEquals("WRITE", last.getAs("operation"));
        assertEquals("WriteSerializable", last.getAs("isolationLevel"));
        assertNotEquals(true, last.getAs("isBlindAppend"));
        assertEquals("2", metrics.get("numOutputRows"));
        assertEquals(Long.toString(removed), metrics.get("numRemovedFiles"));
        assertTrue(Long.parseLong(metrics.get("numRemovedBytes")) > 0);
    }

    @Test
    public void noRows() throws Exception {
        partitioned();
        both((format, path, table) -> sql("INSERT OVERWRITE " + table + " SELECT * FROM " + table + " WHERE id < 0"));
        assertEquals(0, delta(twins.ours).count());
        both((format, path, table) -> sql("INSERT OVERWRITE " + table + " VALUES (1, 2, 'x')"));
    }

    @Test
    public void whatIsReadIsOverwritten() throws Exception {
        partitioned();
        both((format, path, table) -> sql("INSERT OVERWRITE " + table + " SELECT id + 1, p, s FROM " + table + " WHERE p = 1"));
        Dataset<Row> read = spark().table(byPath(twins.ours));
        read.union(read).writeTo(byPath(twins.ours)).overwrite(lit(true));
        assertEquals(8, delta(twins.ours).count());
    }

    @Test
    public void aPartition() throws Exception {
        partitioned();
        both((format, path, table) -> sql("INSERT OVERWRITE " + table + " PARTITION (p = 1) SELECT 50L, 'x'"));
        both((format, path, table) -> sql("INSERT OVERWRITE " + table + " PARTITION (p = 7) SELECT 51L, 'new'"));
        both((format, path, table) -> sql("INSERT OVERWRITE " + table + " PARTITION (p = NULL) SELECT 52L, 'null'"));
        both((format, path, table) -> sql("INSERT OVERWRITE " + table + " PARTITION (p) SELECT 53L, 0, 'all'"));
        assertEquals(1, delta(twins.ours).count());
    }

    @Test
    public void byCondition() throws Exception {
        partitioned();
        String ours = byPath(twins.ours);
        replaceWhere("p = 1", rows(40, 42).withColumn("p", lit(1)));
        replaceWhere("p > 0 AND p < 3", rows(43, 45).withColumn("p", lit(2)));
        replaceWhere("p IS NULL", rows(46, 47).withColumn("p", lit(null).cast("int")));
        replaceWhere("p IN (0, 2) OR p = 5", rows(47, 50).withColumn("p", lit(5)));
        replaceWhere("p = '5'", rows(50, 52).withColumn("p", lit(5)));
        rows(60, 62).withColumn("p", lit(5)).writeTo(ours).overwrite(expr("p = 5 AND p IS NOT NULL"));
        sql("INSERT INTO delta.`" + twins.theirs + "` REPLACE WHERE p = 5 SELECT id, 5, concat('t', id) FROM range(60, 62)");
        assertEquals(Twins.sorted(twins.theirs), Twins.sorted(twins.ours));
        both((format, path, table) -> sql("INSERT INTO " + table + " REPLACE WHERE p IS NULL OR p = 2 SELECT 70L, 2, 'two'"));
    }

    private void replaceWhere(String condition, Dataset<Row> rows) throws Exception {
        for (var table : Map.of("delta", twins.theirs, "sluice", twins.ours).entrySet()) {
            rows.write().format(table.getKey()).mode("overwrite").option("replaceWhere", condition).save(table.getValue().toString());
        }
        assertEquals(condition, Twins.sorted(twins.theirs), Twins.sorted(twins.ours));
        assertEquals(condition, Twins.sorted(twins.theirs), ours());
    }

    @Test
    public void partitionsOfManyTypes() throws Exception {
        Map<String, List<String>> types = Map.of(
                "STRING", List.of("'a'", "'a b/c=d'", "NULL"),
                "DATE", List.of("DATE'2024-02-29'", "DATE'1500-01-01'", "NULL"),
                "BOOLEAN", List.of("true", "false", "NULL"),
                "BIGINT", List.of("-9223372036854775808L", "0L", "NULL"),
                "DECIMAL(10,2)", List.of("12.50BD", "-0.01BD", "NULL"),
                "DOUBLE", List.of("1.5D", "-0.0D", "NULL"),
                "FLOAT", List.of("0.1F", "3.4E38F", "NULL"),
                "BINARY", List.of("X'4142'", "X'7f'", "NULL"),
                "TIMESTAMP", List.of("TIMESTAMP'2024-02-29 12:34:56.789'", "TIMESTAMP'1969-12-31 23:59:59'", "NULL"),
                "TIMESTAMP_NTZ", List.of("TIMESTAMP_NTZ'2024-02-29 12:34:56.789'", "TIMESTAMP_NTZ'1969-12-31 23:59:59'", "NULL"));
        for (var type : types.entrySet()) {
            Path table = freshPath("typed");
            sql("CREATE TABLE " + byPath(table) + " (id INT, p " + type.getKey() + ") PARTITIONED BY (p)");
            for (String writer : List.of("delta.`" + table + "`", byPath(table))) {
                type.getValue().forEach(value -> sql("INSERT INTO " + writer + " VALUES (1, " + value + ")"));
            }
            assertEquals(6, delta(table).count());
            for (String value : type.getValue()) {
                sql("INSERT OVERWRITE " + byPath(table) + " PARTITION (p = " + value + ") VALUES (2)");
                assertEquals(value, 1, delta(table).where("p <=> " + value).count());
            }
            spark().conf().set(MODE, "dynamic");
            sql("INSERT INTO delta.`" + table + "` SELECT * FROM delta.`" + table + "`");
            sql("INSERT OVERWRITE " + byPath(table) + " SELECT 3, p FROM " + byPath(table) + " WHERE id = 2");
            unset();
            assertEquals(type.getKey(), 6, delta(table).where("id = 3").count());
            assertEquals(type.getKey(), 6, delta(table).count());
        }
    }

    /** Stored values have their spaces, and the user's not. */
    @Test
    public void partitionsOfCharColumns() throws Exception {
        Path table = freshPath("char");
        sql("CREATE TABLE " + byPath(table) + " (id INT, p CHAR(3)) PARTITIONED BY (p)");
        for (String rows : List.of("", " WHERE false")) {
            List<String> expected = rows.isEmpty() ? List.of("[0,b  ]", "[2,a  ]") : List.of("[0,b  ]");
            List<Write> writes = List.of(
                    (format, path, name) -> sql("INSERT OVERWRITE " + name + " PARTITION (p = 'a') SELECT 2" + rows),
                    (format, path, name) -> sql("SELECT 2 AS id, 'a' AS p" + rows).writeTo(name).overwrite(col("p").equalTo("a")),
                    (format, path, name) -> sql("SELECT 2 AS id, 'a' AS p" + rows).write().format("sluice").mode("overwrite").option("replaceWhere", "p IN ('a', 'c')").save(path.toString()));
            for (Write write : writes) {
                sql("INSERT OVERWRITE " + byPath(table) + " VALUES (0, 'b'), (1, 'a')");
                write.to("sluice", table, byPath(table));
                assertEquals(expected, delta(table).collectAsList().stream().map(Row::toString).sorted().toList());
            }
        }
    }

    /** Spark pads their values in a projection of which it knows no table any more. */
    @Test
    public void rowsBesideCharColumnsAreDeleted() {
        Path table = freshPath("char");
        sql("CREATE TABLE " + byPath(table) + " (id INT, c CHAR(3), p CHAR(3), q INT) PARTITIONED BY (p, q)");
        sql("INSERT INTO " + byPath(table) + " VALUES (1, 'x', 'a', 1), (2, 'y', 'b', 1), (3, 'z', 'c', 2), (4, 'z', 'd', 3)");
        sql("DELETE FROM " + byPath(table) + " WHERE q = 2");
        sql("DELETE FROM " + byPath(table) + " AS t WHERE t.p = 'a'");
        assertEquals(List.of("[2,y  ,b  ,1]", "[4,z  ,d  ,3]"), delta(table).collectAsList().stream().map(Row::toString).sorted().toList());
        sql("DELETE FROM " + byPath(table));
        assertEquals(0, delta(table).count());
    }

    @Test
    public void conditionsThatSayNotOrNothing() throws Exception {
        twins.create("id INT, p STRING", "PARTITIONED BY (p)", "0, NULL");
        for (Path table : List.of(twins.ours, twins.theirs)) {
            sql("INSERT INTO delta.`" + table + "` VALUES (1, 'eu'), (2, 'us'), (3, 'asia')");
        }
        int commits = versions(twins.ours);
        for (String nothing : List.of("1 = 0", "p = NULL", "p IN (NULL)")) {
            sql("DELETE FROM " + byPath(twins.ours) + " WHERE " + nothing);
        }
        assertEquals(commits, versions(twins.ours));
        assertEquals(1, spark().table(byPath(twins.ours)).where("p NOT IN ('eu', 'us')").count());
        assertEquals(3, spark().table(byPath(twins.ours)).where("NOT p <=> 'eu'").count());
        for (String condition : List.of("p NOT IN ('eu', 'us')", "NOT p <=> 'eu'")) {
            sql("DELETE FROM " + byPath(twins.ours) + " WHERE " + condition);
            sql("DELETE FROM delta.`" + twins.theirs + "` WHERE " + condition);
            assertEquals(condition, Twins.sorted(twins.theirs), Twins.sorted(twins.ours));
        }
        assertEquals(1, delta(twins.ours).count());
    }

    /** Whatever the session says of partitions: Spark asks for these by themselves where it is to be so. */
    @Test
    public void allRowsOfANamedTable() throws Exception {
        Path table = freshPath("all");
        sql("CREATE TABLE " + byPath(table) + " (id BIGINT, p INT) PARTITIONED BY (p)");
        sql("INSERT INTO " + byPath(table) + " VALUES (1, 1), (2, 2)");
        spark().conf().set(MODE, "dynamic");
        spark().range(5, 6).withColumn("p", lit(9)).writeTo(byPath(table)).overwrite(lit(true));
        assertEquals(List.of("[5,9]"), delta(table).collectAsList().stream().map(Row::toString).toList());
    }

    /** Spark's order of floats has NaN last, and both zeros are one. */
    @Test
    public void comparisonsOfFloatsBytesAndDecimals() throws Exception {
        twins.create("id INT, d DOUBLE, b BINARY, n DECIMAL(5,2)", "PARTITIONED BY (d, b, n)", "0, NULL, NULL, NULL");
        for (Path table : List.of(twins.ours, twins.theirs)) {
            sql("INSERT INTO delta.`" + table + "` VALUES (1, CAST('NaN' AS DOUBLE), X'41', 1), (2, CAST('Infinity' AS DOUBLE), X'4142', 1.5), "
                    + "(3, -0.0D, X'42', -1), (4, 0.0D, X'7f', 999.99), (5, 1.5D, X'41', 0), (6, CAST('-Infinity' AS DOUBLE), X'20', 0.01)");
        }
        for (String column : List.of("d", "b", "n")) {
            for (String value : Map.of("d", List.of("1.5D", "0.0D", "-0.0D"), "b", List.of("X'41'", "X'42'"), "n", List.of("1BD", "0.01BD")).get(column)) {
                for (String operator : List.of("=", "<>", "<", "<=", ">", ">=", "<=>")) {
                    String condition = column + " " + operator + " " + value;
                    List<String> ids = ids(byPath(twins.ours), condition);
                    assertEquals(condition, ids(delta(twins.ours).where(condition)), ids);
                }
            }
        }
        for (String statement : List.of("DELETE FROM %s WHERE d > 1.5D AND n <> 1.5", "DELETE FROM %s WHERE d = 0.0D AND b < X'43'",
                "INSERT OVERWRITE %s PARTITION (d = 0.0D, b = X'7f', n = 999.99) SELECT 7", "DELETE FROM %s WHERE b >= X'41' OR n IS NULL")) {
            sql(statement.formatted("delta.`" + twins.theirs + "`"));
            sql(statement.formatted(byPath(twins.ours)));
            assertEquals(statement, ids(delta(twins.theirs)), ids(delta(twins.ours)));
        }
        assertEquals(List.of("6"), ids(byPath(twins.ours), "true"));
    }

    private static List<String> ids(String table, String condition) {
        return ids(sql("SELECT * FROM " + table + " WHERE " + condition));
    }

    private static List<String> ids(Dataset<Row> rows) {
        return rows.select("id").collectAsList().stream().map(row -> row.get(0).toString()).sorted().toList();
    }

    @Test
    public void thePartitionsWrittenTo() throws Exception {
        partitioned();
        spark().conf().set(MODE, "dynamic");
        both((format, path, table) -> sql("INSERT OVERWRITE " + table + " VALUES (200, 1, 'one'), (201, 9, 'nine'), (202, NULL, 'none')"));
        assertEquals("two partitions stay", 3 + 6, delta(twins.ours).count());
        both((format, path, table) -> sql("INSERT OVERWRITE " + table + " PARTITION (p = 0) SELECT 203L, 'zero'"));
        both((format, path, table) -> rows(0, 1).withColumn("p", lit(2)).write().format(format).mode("overwrite").save(path.toString()));
        both((format, path, table) -> sql("INSERT OVERWRITE " + table + " SELECT * FROM " + table + " WHERE id < 0"));
        unset();
        both((format, path, table) -> rows(5, 6).withColumn("p", lit(9)).write().format(format).mode("overwrite")
                .option("partitionOverwriteMode", "dynamic").save(path.toString()));
        rows(7, 8).withColumn("p", lit(9)).writeTo(byPath(twins.ours)).overwritePartitions();
        assertEquals(1, delta(twins.ours).where("p = 9").count());
        assertEquals(5, delta(twins.ours).count());
    }

    @Test
    public void whatIsNotPossibleChangesNothing() throws Exception {
        partitioned();
        String ours = byPath(twins.ours);
        assertUntouched("DELTA_REPLACE_WHERE_MISMATCH", () -> rows(0, 4).writeTo(ours).overwrite(expr("p = 1")));
        assertUntouched("SLUICE_UNSUPPORTED_CONDITION", () -> rows(0, 4).writeTo(ours).overwrite(expr("id = 1")));
        assertUntouched("SLUICE_UNSUPPORTED_CONDITION", () -> rows(0, 4).writeTo(ours).overwrite(expr("p = 1 AND id = 1")));
        assertUntouched("SLUICE_UNSUPPORTED_CONDITION", () -> replace("id = 1", Map.of()));
        assertUntouched("SLUICE_UNSUPPORTED_CONDITION", () -> replace("nothing = 1", Map.of()));
        assertUntouched("SLUICE_UNSUPPORTED_CONDITION", () -> replace("p =", Map.of()));
        assertUntouched("SLUICE_UNSUPPORTED_CONDITION", () -> replace("true", Map.of()));
        assertUntouched("SLUICE_UNSUPPORTED_CONDITION", () -> replace("p % 2 = 0", Map.of()));
        assertUntouched("DELTA_REPLACE_WHERE_WITH_DYNAMIC_PARTITION_OVERWRITE", () -> replace("p = 1", Map.of("partitionOverwriteMode", "dynamic")));
        assertUntouched("SLUICE_UNSUPPORTED_OPTION", () -> rows(0, 4).writeTo(ours).option("replaceWhere", "p = 1").overwrite(expr("p = 1")));
        assertUntouched("SLUICE_UNSUPPORTED_OPTION", () -> rows(0, 4).writeTo(ours).option("overwriteSchema", "true").overwrite(lit(true)));
        assertUntouched("no luck", () -> sql("INSERT OVERWRITE " + ours + " SELECT IF(id < 3, id, CAST(raise_error('no luck') AS BIGINT)), 1, 's' FROM range(5)"));
        assertUntouched("INSERT_COLUMN_ARITY_MISMATCH", () -> rows(0, 1).withColumn("more", lit(1)).writeTo(ours).overwrite(lit(true)));
        assertFails("VERSION AS OF|pinned|version", () -> sql("INSERT OVERWRITE lake.delta.`" + twins.ours + "@v1` VALUES (1, 1, 's')"));
        sql("ALTER TABLE delta.`" + twins.ours + "` SET TBLPROPERTIES ('delta.appendOnly' = 'true')");
        assertUntouched("DELTA_CANNOT_MODIFY_APPEND_ONLY", () -> rows(0, 4).writeTo(ours).overwrite(lit(true)));
        assertUntouched("DELTA_CANNOT_MODIFY_APPEND_ONLY", () -> sql("DELETE FROM " + ours + " WHERE p = 1"));
        rows(0, 4).writeTo(ours).append();
    }

    @Test
    public void tablesForIceberg() {
        Path second = freshPath("iceberg");
        sql("CREATE TABLE " + byPath(second) + " TBLPROPERTIES ('delta.enableIcebergCompatV2' = 'true') AS SELECT 1L AS id");
        sql("INSERT OVERWRITE " + byPath(second) + " VALUES (2)");
        assertEquals(List.of("[2]"), Twins.sorted(second));
        Path third = freshPath("iceberg");
        sql("CREATE TABLE " + byPath(third) + " TBLPROPERTIES ('delta.enableIcebergCompatV3' = 'true') AS SELECT 1L AS id");
        assertRefused("DELTA_UNSUPPORTED_FEATURES_FOR_WRITE", () -> sql("INSERT OVERWRITE " + byPath(third) + " VALUES (2)"));
    }

    private void replace(String condition, Map<String, String> options) {
        rows(0, 4).write().format("sluice").mode("overwrite").option("replaceWhere", condition).options(options).save(twins.ours.toString());
    }

    private void assertUntouched(String pattern, Failures.Action action) throws Exception {
        int versions = versions(twins.ours);
        List<String> before = Twins.sorted(twins.ours);
        var files = io.sluice.spark.faults.TableFiles.data(twins.ours);
        assertFails(pattern, action);
        assertEquals(versions, versions(twins.ours));
        assertEquals(before, Twins.sorted(twins.ours));
        assertEquals(files, io.sluice.spark.faults.TableFiles.data(twins.ours));
    }

    @Test
    public void tablesOfEveryFeature() throws Exception {
        Map<String, String> features = Map.of(
                "deletion vectors", "'delta.enableDeletionVectors' = 'true'",
                "column mapping", "'delta.columnMapping.mode' = 'name'",
                "row tracking", "'delta.enableRowTracking' = 'true'",
                "in-commit timestamps", "'delta.enableInCommitTimestamps' = 'true'",
                "change data feed", "'delta.enableChangeDataFeed' = 'true'",
                "V2 checkpoints", "'delta.checkpointPolicy' = 'v2'",
                "checkpoints at once", "'delta.checkpointInterval' = '1'",
                "structured statistics", "'delta.checkpoint.writeStatsAsJson' = 'false', 'delta.checkpoint.writeStatsAsStruct' = 'true', 'delta.checkpointInterval' = '1'");
        for (var feature : features.entrySet()) {
            Path table = freshPath("feature");
            sql("CREATE TABLE delta.`" + table + "` (id BIGINT, p INT, s STRING) USING delta PARTITIONED BY (p)");
            sql("ALTER TABLE delta.`" + table + "` SET TBLPROPERTIES (" + feature.getValue() + ")");
            rows(0, 20).repartition(1).write().format("delta").mode("append").save(table.toString());
            sql("DELETE FROM delta.`" + table + "` WHERE id IN (4, 5)");
            List<Long> expected = new ArrayList<>();
            rows(30, 33).withColumn("p", lit(1)).writeTo(byPath(table)).overwrite(expr("p = 1"));
            expected.addAll(List.of(0L, 2L, 3L, 6L, 8L, 9L, 11L, 12L, 14L, 15L, 17L, 18L, 30L, 31L, 32L));
            assertHolds(feature.getKey(), expected, table);
            rows(40, 42).withColumn("p", lit(2)).writeTo(byPath(table)).overwritePartitions();
            expected.removeAll(List.of(2L, 8L, 11L, 14L, 17L));
            expected.addAll(List.of(40L, 41L));
            assertHolds(feature.getKey(), expected, table);
            sql("DELETE FROM " + byPath(table) + " WHERE p = 1");
            expected.removeAll(List.of(30L, 31L, 32L));
            assertHolds(feature.getKey(), expected, table);
            sql("INSERT INTO delta.`" + table + "` VALUES (50, 1, 'x')");
            rows(60, 62).writeTo(byPath(table)).overwrite(lit(true));
            assertHolds(feature.getKey(), List.of(60L, 61L), table);
        }
    }

    private static void assertHolds(String message, List<Long> ids, Path table) {
        List<Long> sorted = ids.stream().sorted().toList();
        for (Dataset<Row> rows : List.of(delta(table), sql("SELECT * FROM " + byPath(table)))) {
            assertEquals(message, sorted, rows.select("id").collectAsList().stream().map(row -> row.getLong(0)).sorted().toList());
        }
    }

    @Test
    public void aChangeDataFeedTellsWhatCameAndWent() throws Exception {
        twins.create("id BIGINT, p INT, s STRING", "PARTITIONED BY (p) TBLPROPERTIES ('delta.enableChangeDataFeed' = 'true')", "1, 1, 'one'");
        both((format, path, table) -> sql("INSERT OVERWRITE " + table + " VALUES (2, 1, 'two'), (3, 2, 'three')"));
        both((format, path, table) -> sql("INSERT OVERWRITE " + table + " PARTITION (p = 1) SELECT 4L, 'four'"));
        assertEquals(changes(twins.theirs), changes(twins.ours));
        assertTrue(changes(twins.ours).contains("[2,1,two,delete,3]"));
    }

    private static List<String> changes(Path table) {
        return sql("SELECT id, p, s, _change_type, _commit_version FROM table_changes_by_path('" + table + "', 1)").collectAsList().stream()
                .map(Row::toString).sorted().toList();
    }

    @Test
    public void constraintsHoldForTheNewRows() throws Exception {
        partitioned();
        sql("ALTER TABLE delta.`" + twins.ours + "` ADD CONSTRAINT small CHECK (id < 1000)");
        assertUntouched("DELTA_VIOLATE_CONSTRAINT_WITH_VALUES", () -> sql("INSERT OVERWRITE " + byPath(twins.ours) + " VALUES (1000, 1, 's')"));
        sql("INSERT OVERWRITE " + byPath(twins.ours) + " VALUES (999, 1, 's')");
        assertEquals(List.of("[999,1,s]"), Twins.sorted(twins.ours));
    }

    @Test
    public void rowsAreDeletedByTheFile() throws Exception {
        partitioned();
        both((format, path, table) -> sql("DELETE FROM " + table + " WHERE p = 1"));
        both((format, path, table) -> sql("DELETE FROM " + table + " WHERE p > 1"));
        both((format, path, table) -> sql("DELETE FROM " + table + " WHERE p <= 0"));
        String ours = byPath(twins.ours);
        int versions = versions(twins.ours);
        sql("DELETE FROM " + ours + " WHERE p = 77");
        assertEquals("nothing to commit", versions, versions(twins.ours));
        sql("DELETE FROM " + ours + " WHERE p IS NULL AND id = 3");
        assertEquals("no such row", versions, versions(twins.ours));
        sql("DELETE FROM " + ours + " WHERE p IS NULL OR p = 3");
        assertEquals(0, delta(twins.ours).count());
        rows(0, 9).writeTo(ours).append();
        sql("TRUNCATE TABLE " + ours);
        assertEquals(0, delta(twins.ours).count());
        assertEquals("DELETE", Twins.last(twins.ours).getAs("operation"));
        sql("INSERT INTO " + ours + " VALUES (1, 1, 'again')");
        sql("DELETE FROM " + ours);
        assertEquals(0, delta(twins.ours).count());
        assertRefused("DELTA_.*|SLUICE_.*", () -> sql("DELETE FROM lake.delta.`" + twins.ours + "@v1` WHERE p = 1"));
    }

    @Test
    public void tablesOfTheCatalog() throws Exception {
        String name = "lake." + freshName("overwritten");
        rows(0, 5).writeTo(name).create();
        rows(5, 7).write().mode("overwrite").insertInto(name);
        assertEquals(2, sql("SELECT * FROM " + name).count());
        rows(5, 7).write().format("sluice").mode("overwrite").saveAsTable(name);
        assertEquals(2, sql("SELECT * FROM " + name).count());
        sql("INSERT OVERWRITE " + name + " (s, id, p) VALUES ('s', 1, 2)");
        assertEquals("[1,2,s]", sql("SELECT * FROM " + name).first().toString());
    }
}
