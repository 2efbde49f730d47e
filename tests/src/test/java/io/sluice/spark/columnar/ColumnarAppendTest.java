package io.sluice.spark.columnar;

import static io.sluice.spark.SparkFixture.delta;
import static io.sluice.spark.SparkFixture.freshName;
import static io.sluice.spark.SparkFixture.freshPath;
import static io.sluice.spark.SparkFixture.spark;
import static io.sluice.spark.SparkFixture.sql;
import static io.sluice.spark.SparkFixture.warehouse;
import static org.apache.spark.sql.functions.expr;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import io.sluice.spark.ConstraintException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.types.DataTypes;
import org.junit.After;
import org.junit.Before;
import org.junit.BeforeClass;
import org.junit.Test;

/** Writes of vectorized scans, with and without rows between: the same tables, and the plan that was to be expected. */
public class ColumnarAppendTest {
    private static final String FLAT = """
            SELECT id, id % 2 = 0 AS c_boolean, CAST(id % 128 AS TINYINT) AS c_byte, CAST(id - 10000 AS SMALLINT) AS c_short, CAST(id * 7 AS INT) AS c_int,
              CAST(id AS FLOAT) / 3 AS c_float, IF(id % 7 = 0, double('NaN'), id / 3D) AS c_double, CAST(id / 100 AS DECIMAL(9, 2)) AS c_dec9,
              CAST(-id / 1000 AS DECIMAL(18, 4)) AS c_dec18, CAST(CAST(id AS DECIMAL(20, 0)) * 123456789012 AS DECIMAL(38, 0)) AS c_dec38,
              concat('t', id % 5) AS c_few, IF(id % 11 = 0, '', repeat(CAST(id AS STRING), CAST(id % 20 AS INT))) AS c_string,
              unhex(hex(id)) AS c_binary, date_add(date'1500-01-01', CAST(id AS INT)) AS c_date,
              timestamp_micros(id * 1234567890 - 62000000000000000) AS c_timestamp FROM range(0, 20000, 1, 2)""";
    private static final String NULLS = "SELECT id, " + String.join(", ", List.of("boolean", "byte", "short", "int", "float", "double", "dec9", "dec18",
            "dec38", "few", "string", "binary", "date", "timestamp").stream().map(c -> "IF(id % 3 = 0, NULL, c_" + c + ") AS c_" + c).toList()) + " FROM flat";

    private static final String COMPILED = "spark.sql.codegen.wholeStage";
    private static final Map<String, Dataset<Row>> PARQUET = new HashMap<>();

    private final Writes writes = new Writes();

    @BeforeClass
    public static void makeSources() {
        sql("CREATE NAMESPACE IF NOT EXISTS lake.columnar");
        sql(FLAT).createOrReplaceTempView("flat");
        PARQUET.put("flat", stored(sql(FLAT), "parquet"));
        PARQUET.put("nulls", stored(sql(NULLS), "parquet"));
        spark().catalog().dropTempView("flat");
    }

    @Before
    public void listen() {
        // Without it Spark reads files as rows, whatever becomes of them.
        spark().conf().set(COMPILED, "true");
        writes.start();
    }

    @After
    public void reset() {
        writes.stop();
        spark().conf().set(COMPILED, "false");
        List.of(ColumnarAppends.ENABLED, "spark.sql.adaptive.enabled", "spark.sql.adaptive.forceApply", "spark.sql.columnVector.offheap.enabled",
                "spark.sql.sources.useV1SourceList").forEach(spark().conf()::unset);
    }

    @Test
    public void allFlatTypes() throws Exception {
        for (String source : List.of("flat", "nulls")) {
            bothWays(PARQUET.get(source));
        }
    }

    @Test
    public void offHeapVectors() throws Exception {
        spark().conf().set("spark.sql.columnVector.offheap.enabled", "true");
        bothWays(PARQUET.get("nulls"));
    }

    @Test
    public void orcAndScansOfTheNewerApi() throws Exception {
        bothWays(stored(PARQUET.get("nulls"), "orc"));
        spark().conf().set("spark.sql.sources.useV1SourceList", "");
        bothWays(stored(PARQUET.get("nulls"), "parquet"));
    }

    @Test
    public void columnsReorderedRenamedAndDropped() throws Exception {
        bothWays(PARQUET.get("flat").selectExpr("c_string", "id AS other", "c_date", "id"));
    }

    @Test
    public void partitionsOfTheSourceAreConstantVectors() throws Exception {
        var path = freshPath("parts").toString();
        sql("SELECT id, id % 3 AS p, concat('q', id % 2) AS q FROM range(1000)").write().partitionBy("p", "q").parquet(path);
        bothWays(spark().read().parquet(path));
    }

    @Test
    public void nestedTypes() throws Exception {
        bothWays(stored(sql("SELECT id, IF(id % 3 = 0, NULL, named_struct('a', id, 'b', IF(id % 2 = 0, NULL, 'x'))) AS s, "
                + "IF(id % 5 = 0, NULL, sequence(0, id % 4)) AS l FROM range(9000)"), "parquet"));
    }

    @Test
    public void partitionedTables() throws Exception {
        var expected = PARQUET.get("nulls").select("id", "c_few", "c_string");
        for (boolean columnar : new boolean[] {false, true}) {
            spark().conf().set(ColumnarAppends.ENABLED, String.valueOf(columnar));
            var table = freshName("t");
            sql("CREATE TABLE lake.columnar." + table + " (id BIGINT, c_few STRING, c_string STRING) PARTITIONED BY (c_few)");
            expected.writeTo("lake.columnar." + table).append();
            assertEquals(columnar, writes.lastWasColumnar());
            assertSame(expected, delta(warehouse().resolve("columnar").resolve(table)));
        }
    }

    @Test
    public void overwrites() throws Exception {
        var expected = PARQUET.get("nulls").select("id", "c_few");
        var path = freshPath("overwritten");
        for (int i = 0; i < 2; i++) {
            expected.write().format("sluice").mode("overwrite").save(path.toString());
            assertTrue(writes.lastWasColumnar());
            assertSame(expected, delta(path));
        }
    }

    @Test
    public void adaptiveExecution() throws Exception {
        for (String adaptive : List.of("false", "true")) {
            spark().conf().set("spark.sql.adaptive.enabled", adaptive);
            spark().conf().set("spark.sql.adaptive.forceApply", adaptive);
            bothWays(PARQUET.get("nulls"));
            bothWays(PARQUET.get("nulls").select("c_few", "id"));
            asRows(PARQUET.get("nulls").repartition(3));
            asRows(PARQUET.get("nulls").groupBy("c_few").count());
        }
    }

    @Test
    public void whatIsComputedOnRowsStaysRows() throws Exception {
        var flat = PARQUET.get("flat").select("id", "c_string", "c_int");
        asRows(flat.filter("id % 2 = 0"));
        asRows(flat.selectExpr("id + 1 AS id", "c_string"));
        spark().udf().register("twice", (UDF1<String, String>) text -> text + text, DataTypes.StringType);
        asRows(flat.selectExpr("id", "twice(c_string) AS s"));
        asRows(flat.limit(10).orderBy("id"));
        asRows(flat.join(flat.selectExpr("id AS other"), expr("id = other * 2")));
    }

    @Test
    public void wideValuesKeepBatchesSmall() throws Exception {
        var wide = stored(sql("SELECT id, repeat(CAST(id AS STRING), CAST(IF(id % 50 = 0, 100000, id % 300) AS INT)) AS s, "
                + "repeat('w', CAST(id % 1000 AS INT)) AS w FROM range(0, 5000, 1, 1)"), "parquet");
        bothWays(wide, Map.of("sluice.batchBytes", "100000"));
        bothWays(wide, Map.of("sluice.batchRows", "7"));
    }

    @Test
    public void createTableAsSelect() throws Exception {
        for (boolean columnar : new boolean[] {false, true}) {
            spark().conf().set(ColumnarAppends.ENABLED, String.valueOf(columnar));
            var table = freshName("ctas");
            PARQUET.get("nulls").writeTo("lake.columnar." + table).create();
            assertEquals(columnar, writes.lastWasColumnar());
            assertSame(PARQUET.get("nulls"), delta(warehouse().resolve("columnar").resolve(table)));
        }
    }

    @Test
    public void constraintsAreCheckedInBatches() throws Exception {
        var table = "lake.columnar." + freshName("checked");
        sql("CREATE TABLE " + table + " (id BIGINT, c_string STRING)");
        sql("ALTER TABLE " + table + " ADD CONSTRAINT short CHECK (id < 20000 AND coalesce(length(c_string), 0) < 100)");
        var flat = PARQUET.get("nulls").select("id", "c_string");
        flat.writeTo(table).append();
        assertTrue(writes.lastWasColumnar());
        var violating = stored(flat.selectExpr("id + 1 AS id", "c_string"), "parquet");
        var violation = assertThrows(ConstraintException.class, () -> violating.writeTo(table).append());
        assertTrue(violation.getMessage(), violation.getMessage().contains("DELTA_VIOLATE_CONSTRAINT_WITH_VALUES"));
        assertTrue(violation.getMessage(), violation.getMessage().contains("id = 20000"));
        assertSame(flat, spark().table(table));
    }

    @Test
    public void otherWritesAreLeftAlone() throws Exception {
        PARQUET.get("flat").write().format("noop").mode("append").save();
        assertFalse(writes.lastWasColumnar());
    }

    private void bothWays(Dataset<Row> source) throws Exception {
        bothWays(source, Map.of());
    }

    private void bothWays(Dataset<Row> source, Map<String, String> options) throws Exception {
        for (boolean columnar : new boolean[] {false, true}) {
            spark().conf().set(ColumnarAppends.ENABLED, String.valueOf(columnar));
            append(source, options, columnar);
        }
    }

    /** Rows although columns are welcome. */
    private void asRows(Dataset<Row> source) throws Exception {
        spark().conf().set(ColumnarAppends.ENABLED, "true");
        append(source, Map.of(), false);
    }

    private void append(Dataset<Row> source, Map<String, String> options, boolean columnar) throws Exception {
        var table = freshName("t");
        sql("CREATE TABLE lake.columnar." + table + " (" + source.schema().toDDL() + ")");
        writes.forgetRecords();
        source.writeTo("lake.columnar." + table).options(options).append();
        assertEquals(columnar, writes.lastWasColumnar());
        assertEquals("records in Spark's task metrics", source.count(), writes.records());
        assertSame(source, delta(warehouse().resolve("columnar").resolve(table)));
    }

    private static void assertSame(Dataset<Row> expected, Dataset<Row> actual) {
        assertTrue("all that was written", expected.exceptAll(actual).isEmpty());
        assertTrue("nothing else", actual.exceptAll(expected).isEmpty());
    }

    private static Dataset<Row> stored(Dataset<Row> rows, String format) {
        var path = freshPath(format).toString();
        rows.write().format(format).save(path);
        return spark().read().format(format).load(path);
    }
}
