package io.sluice.spark;

import static io.sluice.spark.Failures.assertFails;
import static io.sluice.spark.SparkFixture.byPath;
import static io.sluice.spark.SparkFixture.delta;
import static io.sluice.spark.SparkFixture.freshName;
import static io.sluice.spark.SparkFixture.freshPath;
import static io.sluice.spark.SparkFixture.history;
import static io.sluice.spark.SparkFixture.spark;
import static io.sluice.spark.SparkFixture.sql;
import static io.sluice.spark.SparkFixture.versions;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.junit.AfterClass;
import org.junit.Before;
import org.junit.BeforeClass;
import org.junit.Test;

/** Every way to say "append", and what Spark and Delta do to rows on their way in. */
public class AppendTest {
    private static final Map<String, String> COMPILED =
            Map.of("spark.sql.codegen.wholeStage", "true", "spark.sql.codegen.factoryMode", "CODEGEN_ONLY");

    private String table;
    private Path path;

    /** As in production: Spark's generated code makes the rows. */
    @BeforeClass
    public static void compile() {
        COMPILED.forEach(spark().conf()::set);
    }

    @AfterClass
    public static void interpret() {
        COMPILED.keySet().forEach(spark().conf()::unset);
    }

    @Before
    public void createTable() {
        String name = freshName("t");
        table = "lake.append." + name;
        path = SparkFixture.warehouse().resolve("append").resolve(name);
        sql("CREATE TABLE " + table + " (id BIGINT, data STRING)");
    }

    private static Dataset<Row> rows(String query) {
        return sql("SELECT * FROM VALUES " + query);
    }

    private void assertRows(String... expected) {
        assertRowsAt(path, expected);
    }

    private static void assertRowsAt(Path path, String... expected) {
        var read = delta(path).collectAsList().stream().map(Row::mkString).sorted().collect(Collectors.joining(" "));
        assertEquals(String.join(" ", expected), read);
    }

    @FunctionalInterface
    private interface Write {
        void to(Dataset<Row> rows, String table, Path path) throws Exception;
    }

    private record Entry(String what, Write write) {}

    private static Entry entry(String what, Write write) {
        return new Entry(what, write);
    }

    @Test
    public void everyEntryPointAppends() throws Exception {
        List<Entry> entries = List.of(
                entry("writeTo(name)", (rows, name, at) -> rows.writeTo(name).append()),
                entry("writeTo(delta.path)", (rows, name, at) -> rows.writeTo(byPath(at)).append()),
                entry("writeTo(path)", (rows, name, at) -> rows.writeTo("lake.`" + at + "`").append()),
                entry("writeTo(URL)", (rows, name, at) -> rows.writeTo("lake.delta.`" + at.toUri() + "`").append()),
                entry("saveAsTable", (rows, name, at) -> rows.write().mode("append").saveAsTable(name)),
                entry("insertInto", (rows, name, at) -> rows.select("id", "data").write().insertInto(name)),
                entry("save", (rows, name, at) -> rows.write().format("sluice").mode("append").save(at.toString())),
                entry("INSERT INTO name", (rows, name, at) -> sql("INSERT INTO " + name + " SELECT id, data FROM source")),
                entry("INSERT INTO path", (rows, name, at) -> sql("INSERT INTO " + byPath(at) + " SELECT id, data FROM source")),
                entry("INSERT BY NAME", (rows, name, at) -> sql("INSERT INTO " + name + " BY NAME SELECT * FROM source")),
                entry("INSERT (columns)", (rows, name, at) -> sql("INSERT INTO " + name + " (data, id) SELECT data, id FROM source")),
                entry("INSERT VALUES", (rows, name, at) -> sql("INSERT INTO TABLE " + name + " VALUES (1, 'a'), (2, NULL)")));
        Dataset<Row> source = rows("('a', 1L), (NULL, 2L) AS t(data, id)");
        source.createOrReplaceTempView("source");
        for (Entry entry : entries) {
            createTable();
            entry.write().to(source, table, path);
            assertEquals(entry.what(), List.of("1a", "2null"),
                    delta(path).collectAsList().stream().map(Row::mkString).sorted().toList());
            assertEquals(entry.what(), "2", operationMetric(path, "numOutputRows"));
        }
    }

    static String operationMetric(Path path, String metric) {
        var log = history(path);
        Row last = log.get(log.size() - 1);
        return last.<String, String>getJavaMap(last.fieldIndex("operationMetrics")).get(metric);
    }

    @Test
    public void columnsMatchByNameNotByPosition() throws Exception {
        sql("CREATE TABLE " + table + "s (a STRING, b STRING, s STRUCT<x: INT, y: INT>)");
        rows("('B', 'A', named_struct('y', 2, 'x', 1)) AS t(b, a, s)").writeTo(table + "s").append();
        assertRowsAt(Path.of(path + "s"), "AB[1,2]");
    }

    @Test
    public void namesMatchWhateverTheirCase() throws Exception {
        rows("('x', 1) AS t(DATA, ID)").writeTo(table).append();
        assertRows("1x");
    }

    @Test
    public void missingColumnsAreNullOrTheirDefault() throws Exception {
        sql("INSERT INTO " + table + " (id) VALUES (1)");
        assertRows("1null");
        Path other = freshPath("defaults");
        sql("CREATE TABLE delta.`" + other + "` (id BIGINT, i INT DEFAULT 42, s STRING DEFAULT 'it''s') USING delta "
                + "TBLPROPERTIES ('delta.feature.allowColumnDefaults' = 'supported')");
        sql("INSERT INTO " + byPath(other) + " (id) VALUES (1)");
        sql("INSERT INTO " + byPath(other) + " VALUES (2, DEFAULT, NULL)");
        assertRowsAt(other, "142it's", "242null");
    }

    @Test
    public void valuesAreCastAsSparkAssignsThem() {
        sql("INSERT INTO " + table + " VALUES (CAST(1 AS TINYINT), date'2024-01-01')");
        assertRows("12024-01-01");
        assertFails("CAST_OVERFLOW|ARITHMETIC", () -> sql("INSERT INTO " + table + " VALUES (1e30D, 'x')"));
        assertFails("CANNOT_SAFELY_CAST", () -> sql("INSERT INTO " + table + " VALUES (array(1), 'x')"));
        assertRows("12024-01-01");
    }

    @Test
    public void charIsPaddedAndLengthsAreChecked() {
        Path texts = freshPath("texts");
        sql("CREATE TABLE " + byPath(texts) + " (c CHAR(3), v VARCHAR(3), s STRUCT<c: CHAR(2)>)");
        sql("INSERT INTO " + byPath(texts) + " VALUES ('a', 'b', named_struct('c', 'd')), ('日本語', NULL, NULL)");
        assertFails("EXCEED_LIMIT_LENGTH", () -> sql("INSERT INTO " + byPath(texts) + " VALUES ('abcd', 'b', NULL)"));
        assertFails("EXCEED_LIMIT_LENGTH", () -> sql("INSERT INTO " + byPath(texts) + " VALUES ('abc', 'bcde', NULL)"));
        assertRowsAt(texts, "a  b[d ]", "日本語nullnull");
    }

    @Test
    public void nothingToWriteCommitsNoFile() throws Exception {
        rows("(1L, 'x') AS t(id, data)").where("id > 1").writeTo(table).append();
        rows("(1L, 'x') AS t(id, data)").repartition(4).writeTo(table).append();
        assertRows("1x");
        assertEquals("empty tasks leave no files", 1, delta(path).inputFiles().length);
    }

    @Test
    public void tablesMadeByQueriesHoldTheirRows() throws Exception {
        Path made = freshPath("ctas");
        sql("CREATE TABLE " + byPath(made) + " PARTITIONED BY (p) COMMENT 'made' AS SELECT id, id % 2 AS p FROM range(4)");
        assertRowsAt(made, "00", "11", "20", "31");
        assertEquals(1, versions(made));
        Path created = freshPath("create");
        rows("(1, 'x') AS t(a, b)").writeTo(byPath(created)).using("delta").tableProperty("k", "v").partitionedBy(functions.col("b")).create();
        rows("(2, 'y') AS t(a, b)").writeTo(byPath(created)).append();
        assertRowsAt(created, "1x", "2y");
        Path empty = freshPath("empty");
        spark().range(0).writeTo(byPath(empty)).create();
        assertRowsAt(empty);
        Path saved = freshPath("saved");
        rows("(1, 'x') AS t(a, b)").write().format("sluice").partitionBy("b").save(saved.toString());
        assertRowsAt(saved, "1x");
        assertFails("ALREADY_EXISTS|DELTA_PATH_EXISTS", () -> rows("(1, 'x') AS t(a, b)").write().format("sluice").save(saved.toString()));
        rows("(1, 'x') AS t(a, b)").write().format("sluice").mode("ignore").save(saved.toString());
        assertRowsAt(saved, "1x");
    }

    @Test
    public void missingTablesAreSparksOwnError() {
        Path nowhere = freshPath("nowhere");
        assertFails("TABLE_OR_VIEW_NOT_FOUND", () -> spark().range(1).writeTo("lake.append.nothing").append());
        assertFails("TABLE_OR_VIEW_NOT_FOUND", () -> spark().range(1).writeTo(byPath(nowhere)).append());
        assertFails("TABLE_OR_VIEW_NOT_FOUND", () -> sql("INSERT INTO lake.append.nothing VALUES (1)"));
        assertFalse("nothing was created", Files.exists(nowhere));
    }

    @Test
    public void columnsThatDoNotFitAreRefused() {
        assertFails("TOO_MANY_DATA_COLUMNS|EXTRA_COLUMNS", () -> rows("(1L, 'x', 1) AS t(id, data, more)").writeTo(table).append());
        assertFails("NOT_ENOUGH_DATA_COLUMNS|CANNOT_FIND_DATA", () -> sql("INSERT INTO " + table + " VALUES (1)"));
        assertFails("CANNOT_SAFELY_CAST", () -> rows("(true, 'x') AS t(id, data)").writeTo(table).append());
        assertFails("AMBIGUOUS|ALREADY_EXISTS|TOO_MANY", () -> rows("(1L, 2L, 'x') AS t(id, ID, data)").writeTo(table).append());
        assertRows();
    }

    @Test
    public void notNullHoldsAtEveryDepth() throws Exception {
        Path strict = freshPath("strict");
        String name = byPath(strict);
        sql("CREATE TABLE " + name + " (id BIGINT NOT NULL, s STRUCT<a: INT NOT NULL, b: STRUCT<c: INT NOT NULL>>)");
        rows("(1L, named_struct('a', 1, 'b', named_struct('c', 2))), (2L, NULL), (3L, named_struct('a', 1, 'b', NULL)) AS t(id, s)").writeTo(name).append();
        String nulls = "NOT_NULL";
        assertFails(nulls, () -> sql("INSERT INTO " + name + " VALUES (NULL, NULL)"));
        assertFails(nulls, () -> sql("INSERT INTO " + name + " VALUES (4, named_struct('a', CAST(NULL AS INT), 'b', NULL))"));
        assertFails(nulls, () -> sql("INSERT INTO " + name + " VALUES (4, named_struct('a', 1, 'b', named_struct('c', CAST(NULL AS INT))))"));
        assertFails("CANNOT_FIND_DATA|NOT_NULL", () -> rows("(1) AS t(other)").selectExpr("named_struct('a', 1, 'b', NULL) AS s").writeTo(name).append());
        assertRowsAt(strict, "1[1,[2]]", "2null", "3[1,null]");
    }

    @Test
    public void appendsFollowWideningAndMappingByDelta() throws Exception {
        Path changing = freshPath("changing");
        String delta = "delta.`" + changing + "`";
        sql("CREATE TABLE " + delta + " (a INT, b STRING) USING delta TBLPROPERTIES "
                + "('delta.enableTypeWidening' = 'true', 'delta.columnMapping.mode' = 'name')");
        sql("INSERT INTO " + byPath(changing) + " VALUES (1, 'x')");
        sql("ALTER TABLE " + delta + " ALTER COLUMN a TYPE BIGINT");
        sql("ALTER TABLE " + delta + " RENAME COLUMN b TO `new name`");
        sql("ALTER TABLE " + delta + " ADD COLUMN c DOUBLE FIRST");
        rows("(3000000000L, 'y', 0.5D) AS t(a, `new name`, c)").writeTo(byPath(changing)).append();
        sql("DELETE FROM " + delta + " WHERE a = 1");
        sql("INSERT INTO " + byPath(changing) + " VALUES (1.5, 2, 'z')");
        assertRowsAt(changing, "0.53000000000y", "1.52z");
    }

    @Test
    public void voidColumnsStayOutOfFiles() throws Exception {
        Path voids = freshPath("voids");
        sql("CREATE TABLE delta.`" + voids + "` (id BIGINT, v VOID, s STRUCT<a: INT, n: VOID>) USING delta");
        sql("INSERT INTO " + byPath(voids) + " VALUES (1, NULL, named_struct('a', 2, 'n', NULL)), (2, NULL, NULL)");
        assertEquals(List.of("1,2", "2,null"), delta(voids).selectExpr("concat_ws(',', id, coalesce(string(s.a), 'null'))")
                .collectAsList().stream().map(r -> r.getString(0)).sorted().toList());
    }
}
