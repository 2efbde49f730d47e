package io.sluice.spark;

import static io.sluice.spark.ReadTest.sluice;
import static io.sluice.spark.SparkFixture.byPath;
import static io.sluice.spark.SparkFixture.delta;
import static io.sluice.spark.SparkFixture.freshPath;
import static io.sluice.spark.SparkFixture.spark;
import static io.sluice.spark.SparkFixture.sql;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.execution.SparkPlan;
import org.junit.Test;

/** Pages that the indexes of a file exclude are neither fetched nor decoded, and the answer stays the same. */
public class ReadPagesTest {
    private static final int ROWS = 100_000;
    private static final List<String> FILTERS = List.of("id = 67890", "id BETWEEN 29990 AND 30010", "id IN (5, 99999)", "id < 10 OR id > 99990",
            "id < 10 OR length(s) = 5", "n.x = 44444", "n.x IS NULL", "z IS NULL", "z IS NOT NULL AND id > 49990", "z = 49999", "s = 'row 0067890'",
            "s LIKE 'row 00999%'", "d = 75000.5", "b = 7", "dt = date'2100-01-01'", "id = 67890 AND n.x = 5", "id = -1",
            "id > 100 AND id < 75000 AND z IS NULL AND s < 'row 0055000'", "id IN (20000, 19999, 40000) AND _metadata.row_index % 2 = 0");

    /** In order of id: small and large values, so that pages of columns begin at different rows; n and z are null at times. */
    private static Dataset<Row> rows() {
        return spark().range(0, ROWS, 1, 1).selectExpr("id", "concat('row ', lpad(id, 7, '0')) AS s", "IF(id % 5 = 0, NULL, named_struct('x', CAST(id AS INT), 'y', repeat(uuid(), 2))) AS n",
                "IF(id < 50000, id, NULL) AS z", "IF(id = 3, double('NaN'), id + 0.5D) AS d", "CAST(id % 10 AS TINYINT) AS b",
                "date_add(date'1970-01-01', CAST(id AS INT)) AS dt", "transform(sequence(0, id % 4), i -> concat(uuid(), i)) AS l", "map(id, sha2(CAST(id AS STRING), 512)) AS m");
    }

    private static void assertAlike(Path table, String... more) {
        for (String filter : FILTERS) {
            String[] columns = new String[more.length + 1];
            columns[0] = "*";
            System.arraycopy(more, 0, columns, 1, more.length);
            Rows.assertSame(filter, delta(table).where(filter).selectExpr(columns), sluice(table).where(filter).selectExpr(columns));
        }
        String[] nested = {"n.y", "get(l, 1) AS l"};
        Rows.assertSame("nested", delta(table).where("id = 67890").selectExpr(nested), sluice(table).where("id = 67890").selectExpr(nested));
    }

    @Test
    public void filesOfSpark() {
        Path table = freshPath("pages");
        rows().limit(0).createOrReplaceTempView("shape");
        sql("CREATE TABLE delta.`" + table + "` USING delta TBLPROPERTIES ('delta.enableDeletionVectors' = 'true', 'delta.enableRowTracking' = 'true',"
                + " 'delta.columnMapping.mode' = 'id') AS SELECT * FROM shape");
        rows().write().format("delta").mode("append").option("parquet.page.row.count.limit", "5000").option("parquet.page.size", "60000").save(table.toString());
        assertAlike(table, "_metadata.row_index", "_metadata.row_id");
        sql("DELETE FROM delta.`" + table + "` WHERE id BETWEEN 67880 AND 67895 OR id % 3 = 1 OR id BETWEEN 29000 AND 30005");
        sql("UPDATE delta.`" + table + "` SET b = 7 WHERE id BETWEEN 20000 AND 70000");
        assertAlike(table, "_metadata.row_index", "_metadata.row_id", "_metadata.row_commit_version");
    }

    @Test
    public void filesOfOurs() {
        Path table = freshPath("pages");
        rows().limit(0).createOrReplaceTempView("shape");
        sql("CREATE TABLE " + byPath(table) + " TBLPROPERTIES ('delta.enableDeletionVectors' = 'true') AS SELECT * FROM shape");
        rows().write().format("sluice").mode("append").option("sluice.rowGroupSize", "8m").save(table.toString());
        sql("DELETE FROM delta.`" + table + "` WHERE id BETWEEN 67880 AND 67895 OR id % 3 = 1");
        assertAlike(table, "_metadata.row_index");
        long all = bytes(sluice(table));
        assertTrue("few pages of all", bytes(sluice(table).where("id = 1")) < all / 3);
        assertTrue("few pages of a string", bytes(sluice(table).where("s = 'row 0067999'")) < all / 3);
        assertEquals("pages between two rows", 0, bytes(sluice(table).where("n.x = 10000000")));
    }

    /** Bounds in the log would leave out the file, of which some pages match. */
    @Test
    public void timestamps() {
        for (String type : List.of("TIMESTAMP_MICROS", "TIMESTAMP_MILLIS", "ours")) {
            Path table = freshPath("times");
            sql("CREATE TABLE delta.`" + table + "` (id BIGINT, t TIMESTAMP, u TIMESTAMP_NTZ, n STRUCT<t: TIMESTAMP>) USING delta"
                    + " TBLPROPERTIES ('delta.dataSkippingNumIndexedCols' = '0')");
            spark().conf().set("spark.sql.parquet.outputTimestampType", type.equals("ours") ? "INT96" : type);
            try {
                spark().range(0, ROWS, 1, 1).selectExpr("id", "timestamp_millis((id - 50000) * 40000000 + id % 10) AS t", "CAST(timestamp_seconds(id) AS TIMESTAMP_NTZ) AS u",
                        "IF(id % 3 = 0, NULL, named_struct('t', timestamp_seconds(id))) AS n").write().format(type.equals("ours") ? "sluice" : "delta").mode("append")
                        .option("parquet.page.row.count.limit", "5000").option("parquet.block.size", "600000").save(table.toString());
            } finally {
                spark().conf().unset("spark.sql.parquet.outputTimestampType");
            }
            long all = bytes(sluice(table));
            for (String filter : List.of("t = timestamp_millis(-39600000000 + 10)", "t < timestamp'1910-01-01 00:00:00.0001Z'", "t BETWEEN timestamp'1970-01-01' AND timestamp'1970-02-01'",
                    "u = timestamp_ntz'1970-01-02 00:00:00'", "u >= timestamp_ntz'1970-01-02 03:46:39'", "n.t = timestamp_seconds(77777)", "t IN (timestamp'1969-12-31 23:59:59.999Z', timestamp_millis(40000001))",
                    "t IS NULL", "t > timestamp'2096-01-01' AND u < timestamp_ntz'2000-01-01'")) {
                Rows.assertSame(type + ": " + filter, delta(table).where(filter), sluice(table).where(filter));
                long fetched = bytes(sluice(table).where(filter));
                assertTrue(type + ": " + filter + " fetched " + fetched + " of " + all, fetched < all / 2);
            }
        }
    }

    /** Old timestamps have no bounds; neither have columns with NaN. */
    @Test
    public void columnsWithoutIndex() {
        Path table = freshPath("pages");
        spark().conf().set("spark.sql.parquet.outputTimestampType", "INT96");
        try {
            spark().range(0, 100_000, 1, 1).selectExpr("id", "timestamp_seconds(id) AS t", "IF(id % 1000 = 0, double('NaN'), id) AS d", "CAST(id AS DECIMAL(30, 2)) AS c")
                    .write().format("delta").save(table.toString());
        } finally {
            spark().conf().unset("spark.sql.parquet.outputTimestampType");
        }
        for (String filter : List.of("t = timestamp_seconds(77777)", "d = 5", "d = double('NaN') AND id < 5000", "c = 500", "c = 500 OR id = 7", "t IS NULL")) {
            Rows.assertSame(filter, delta(table).where(filter), sluice(table).where(filter));
        }
    }

    /** Fetched of column chunks by the one scan of a query without a shuffle. */
    static long bytes(Dataset<Row> query) {
        SparkPlan plan = query.queryExecution().executedPlan();
        plan.executeCollect();
        SparkPlan scan = plan;
        while (!scan.metrics().contains("bytesFetched")) {
            scan = scan.children().head();
        }
        return scan.metrics().apply("bytesFetched").value();
    }
}
