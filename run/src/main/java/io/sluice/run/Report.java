package io.sluice.run;

import java.io.PrintStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** The table through delta-spark's eyes, which shares no code with the writer. */
final class Report {
    private static final int FILES = 12;
    private static final int ROWS = 5;

    private final SparkSession spark;
    private final String location;
    private final PrintStream out;

    Report(SparkSession spark, String location, PrintStream out) {
        this.spark = spark;
        this.location = location;
        this.out = out;
    }

    void print() {
        out.printf("%nRead back by delta-spark%n");
        Dataset<Row> table = spark.read().format("delta").load(location);
        section("History", history(), ROWS);
        section("Files", files(table), FILES);
        section("Rows", table, ROWS);
        out.printf("%n  %,d rows in all%n%n", table.count());
    }

    private Dataset<Row> history() {
        return spark.sql("DESCRIBE HISTORY delta.`" + location + "`").selectExpr(
            "version",
            "date_format(timestamp, 'yyyy-MM-dd HH:mm:ss') AS time",
            "operation",
            "CAST(operationMetrics['numFiles'] AS BIGINT) AS files",
            "CAST(operationMetrics['numOutputRows'] AS BIGINT) AS rows",
            "CAST(operationMetrics['numOutputBytes'] AS BIGINT) AS bytes",
            "engineInfo AS engine");
    }

    private Dataset<Row> files(Dataset<Row> table) {
        return table.selectExpr("_metadata.file_path AS path", "_metadata.file_size AS bytes")
            .groupBy("path", "bytes").count()
            .selectExpr("substring_index(path, '/', -2) AS file", "count AS rows", "bytes")
            .orderBy("file");
    }

    private void section(String title, Dataset<Row> rows, int limit) {
        out.printf("%n  %s%n", title);
        Grid grid = Grid.of(rows, limit);
        grid.lines().forEach(line -> out.println("    " + line));
        if (grid.cut()) {
            out.println("    ...");
        }
    }
}
