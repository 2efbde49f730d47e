package io.sluice.spark;

import static io.sluice.spark.ReadTest.sluice;
import static io.sluice.spark.SparkFixture.byPath;
import static io.sluice.spark.SparkFixture.freshPath;
import static io.sluice.spark.SparkFixture.spark;
import static io.sluice.spark.SparkFixture.sql;
import static org.junit.Assert.assertEquals;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.Test;

/**
 * -0.0 and 0.0 are one value to Spark's operators and two to a Parquet file's dictionary, by which Spark's own reader loses
 * the rows of the one under a filter for the other.
 */
public class NegativeZeroTest {
    /** Files with one of the two alone, so that each can be skipped for the other. */
    private static final List<String> ZEROS = List.of("-0.0", "0.0");
    private static final List<String> COMPARISONS = List.of("= %s", "<=> %s", "IN (%s, 5.0)", ">= %s", "<= %s", "> %s", "< %s", "<> %s",
            "IN (%s, " + String.join(", ", IntStream.rangeClosed(100, 111).mapToObj(i -> i + ".0").toList()) + ")");

    /** Each zero 50 times among other values: encoded as a dictionary. */
    private static Dataset<Row> rows(String zero) {
        String value = "CASE id % 4 WHEN 0 THEN double('NaN') WHEN 1 THEN -1.5D ELSE double('" + zero + "') END";
        return spark().range(0, 100).selectExpr("id", value + " AS d", "CAST(" + value + " AS FLOAT) AS f",
                "named_struct('d', " + value + ", 'f', CAST(" + value + " AS FLOAT)) AS s");
    }

    private static Dataset<Row> allRows() {
        // Not a plan that is read from files: what Spark computes on its own.
        return rows(ZEROS.get(0)).union(rows(ZEROS.get(1)));
    }

    private static void assertRight(String what, Dataset<Row> expected, Dataset<Row> actual, List<String> columns) {
        for (String column : columns) {
            for (String zero : ZEROS) {
                for (String comparison : COMPARISONS) {
                    String literal = column.endsWith("f") ? "float('" + zero + "')" : zero + "D";
                    String condition = column + " " + comparison.formatted(literal).replaceAll("(\\d\\.\\d)(?=[,)])", "$1D");
                    assertEquals(what + ": " + condition, expected.where(condition).count(), actual.where(condition).count());
                }
            }
        }
    }

    @Test
    public void columns() {
        Path table = freshPath("zeros");
        for (String zero : ZEROS) {
            rows(zero).coalesce(1).write().format("sluice").mode("append").save(table.toString());
        }
        assertRight("columns", allRows(), sluice(table), List.of("d", "f", "s.d", "s.f"));
    }

    @Test
    public void partitions() {
        for (String column : List.of("d", "f")) {
            assertRight("partitions", allRows(), sluice(partitionedBy(column)), List.of(column));
        }
    }

    /** The first rows create the table, as only then Spark says what partitions it. */
    private Path partitionedBy(String column) {
        Path table = freshPath("zeros");
        for (String zero : ZEROS) {
            rows(zero).write().format("sluice").mode(zero.equals(ZEROS.get(0)) ? "error" : "append").partitionBy(column).save(table.toString());
        }
        return table;
    }

    /** What a join's other side holds is known when the scan runs, and files are left out by it. */
    @Test
    public void joins() {
        Path table = partitionedBy("d");
        Path wanted = freshPath("wanted");
        for (String zero : ZEROS) {
            sql("SELECT double('" + zero + "') AS w, 'x' AS s").write().format("sluice").mode("overwrite").save(wanted.toString());
            Dataset<Row> joined = sluice(table).join(sluice(wanted).where("s = 'x'"), org.apache.spark.sql.functions.expr("d = w"));
            assertEquals(zero, 100, joined.count());
        }
    }

    /** Files of Spark's that feed a write: bare scans are native, and filters are not left to the dictionary. */
    @Test
    public void filesThatFeedAWrite() {
        Path files = freshPath("files");
        for (String zero : ZEROS) {
            rows(zero).coalesce(1).write().mode("append").parquet(files.toString());
        }
        Dataset<Row> parquet = spark().read().parquet(files.toString());
        Path bare = freshPath("zeros");
        parquet.write().format("sluice").save(bare.toString());
        assertRight("bare", allRows(), sluice(bare), List.of("d", "f", "s.d", "s.f"));
        for (String condition : List.of("d = 0.0D", "d = -0.0D", "f IN (float('0.0'), float('7.0'))", "s.d <=> -0.0D", "s.f >= float('0.0')", "d <= -0.0D AND id > 3")) {
            Path table = freshPath("zeros");
            parquet.where(condition).selectExpr("id", "d").write().format("sluice").save(table.toString());
            assertEquals(condition, allRows().where(condition).count(), sluice(table).count());
            sql("INSERT OVERWRITE " + byPath(table) + " SELECT id, d FROM parquet.`" + files + "` WHERE " + condition);
            assertEquals(condition, allRows().where(condition).count(), sluice(table).count());
        }
    }
}
