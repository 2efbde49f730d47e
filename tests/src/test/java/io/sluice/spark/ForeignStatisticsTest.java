package io.sluice.spark;

import static io.sluice.spark.ReadTest.sluice;
import static io.sluice.spark.SparkFixture.delta;
import static io.sluice.spark.SparkFixture.freshPath;
import static io.sluice.spark.SparkFixture.spark;
import static io.sluice.spark.SparkFixture.sql;
import static org.junit.Assert.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.delta.DeltaLog;
import org.junit.Test;

/** What a log says of files, as other writers say it: with holes, cut short, in other words, or not at all. */
public class ForeignStatisticsTest {
    private static final Pattern STATS = Pattern.compile("\"stats\":\"((?:[^\"\\\\]|\\\\.)*)\"");

    /** By name, what becomes of the statistics, whose quotes are escaped. */
    private static Map<String, UnaryOperator<String>> doctors() {
        var doctors = new LinkedHashMap<String, UnaryOperator<String>>();
        doctors.put("none", stats -> "");
        doctors.put("no JSON", stats -> "{numRecords");
        doctors.put("null counts missing", stats -> stats.replaceAll(",\\\\\"nullCount.*", "}"));
        doctors.put("minima missing", stats -> stats.replaceAll("\\\\\"minValues\\\\\":\\{[^}]*\\},", ""));
        doctors.put("maxima missing", stats -> stats.replaceAll("\\\\\"maxValues\\\\\":\\{[^}]*\\},", ""));
        doctors.put("rows missing", stats -> stats.replaceAll("\\\\\"numRecords\\\\\":\\d+,", ""));
        doctors.put("values of another type", stats -> stats.replaceAll("\\\\\"c_int\\\\\":(-?\\d+)", "\\\\\"c_int\\\\\":\\\\\"$1\\\\\""));
        doctors.put("unknown columns", stats -> stats.replace("\\\"c_int\\\"", "\\\"c_integer\\\""));
        doctors.put("wide bounds", stats -> stats.replaceAll("\\}$", ",\\\\\"tightBounds\\\\\":false}"));
        doctors.put("explicit nulls", stats -> stats.replaceAll("\\\\\"c_(date|string|timestamp|double)\\\\\":[^,}]*", "\\\\\"c_$1\\\\\":null"));
        doctors.put("times in another zone", stats -> stats.replaceAll("(\\d\\d):(\\d\\d):(\\d\\d\\.\\d{3})Z", "$1:$2:$3+00:00"));
        return doctors;
    }

    @Test
    public void statisticsOfEveryQuality() throws IOException {
        var columns = new ArrayList<>(SampleColumns.FLAT);
        columns.removeIf(column -> !column.name().matches("c_(int|date|double|dec38|string|timestamp|boolean)"));
        Path whole = ForeignTables.ALL.get(0).make().apply(SampleColumns.parts(columns, 4, 3).parts());
        for (var doctor : doctors().entrySet()) {
            Path table = copy(whole);
            rewrite(table, line -> {
                Matcher stats = STATS.matcher(line);
                return stats.replaceAll(found -> Matcher.quoteReplacement("\"stats\":\"" + doctor.getValue().apply(found.group(1)) + "\""));
            });
            Differential.assertAlike(doctor.getKey(), delta(whole), sluice(table));
        }
    }

    /** Writers of floats that are -0.0 and NaN, whose order differs from reader to reader. */
    @Test
    public void zerosAndNotANumber() {
        Path table = freshPath("floats");
        sql("CREATE TABLE delta.`" + table + "` (id BIGINT, d DOUBLE, f FLOAT, n STRUCT<d: DOUBLE>) USING delta");
        int file = 0;
        for (String values : List.of("('0.0')", "('-0.0')", "('NaN')", "('-1.5'), ('NaN')", "('-0.0'), ('1.5')", "('Infinity'), ('-Infinity')")) {
            sql("INSERT INTO delta.`" + table + "` SELECT " + file++ + "0 + row_number() OVER (ORDER BY v), CAST(v AS DOUBLE), CAST(v AS FLOAT), named_struct('d', CAST(v AS DOUBLE))"
                    + " FROM VALUES " + values + " AS t(v)");
        }
        Differential.assertAlike("floats", delta(table), sluice(table));
        Dataset<Row> rows = delta(table).localCheckpoint();
        for (String zero : List.of("0.0", "-0.0")) {
            for (String filter : List.of("d = double('$0')", "f = float('$0')", "n.d = double('$0')", "d <= double('$0')", "d < double('$0')", "d IN (double('$0'), 7D)")) {
                String filled = filter.replace("$0", zero);
                assertEquals(filled, rows.where(filled).count(), sluice(table).where(filled).count());
            }
        }
    }

    /** The least and greatest characters, where bounds are cut. */
    @Test
    public void textBoundsThatAreCut() {
        Path table = freshPath("text");
        String t = "delta.`" + table + "`";
        sql("CREATE TABLE " + t + " (id BIGINT, s STRING) USING delta");
        int id = 0;
        for (String text : List.of("repeat('\uDBFF\uDFFF', 40)", "concat(repeat('\uDBFF\uDFFF', 31), '\uD83D\uDE00zz')", "concat(repeat('a', 31), '\uD83D\uDE00', 'b')",
                "concat(repeat('a', 32), '\u007F\u007F')", "concat(repeat('a', 32), '\uFFFF')", "CAST(X'61FF62' AS STRING)",
                "CAST(concat(encode(repeat('a', 32), 'UTF-8'), X'FFFF') AS STRING)", "repeat('\uFFFD', 33)", "''", "repeat('\\u0000', 40)")) {
            sql("INSERT INTO " + t + " SELECT " + id + ", " + text);
            sql("INSERT INTO " + t + " SELECT * FROM VALUES (" + (100 + id++) + ", " + text + "), (" + (200 + id) + ", 'a'), (" + (300 + id) + ", NULL)");
        }
        Differential.assertAlike("text", delta(table), sluice(table));
        Dataset<Row> rows = delta(table).localCheckpoint();
        List<String> filters = rows.where("s IS NOT NULL").selectExpr("hex(s)").distinct().collectAsList().stream()
                .map(row -> "CAST(X'" + row.getString(0) + "' AS STRING)")
                .flatMap(value -> List.of("s = " + value, "s >= " + value, "startswith(s, substring(" + value + ", 1, 32))").stream()).toList();
        Differential.assertFiltersAlike("text", rows, sluice(table), filters);
    }

    /** Timestamps of partitions without a zone are the session's; those of old writers are. */
    @Test
    public void partitionsWithoutZone() {
        spark().conf().set("spark.sql.session.timeZone", "America/Los_Angeles");
        spark().conf().set("spark.databricks.delta.write.utcTimestampPartitionValues", "false");
        try {
            Path table = freshPath("local");
            sql("CREATE TABLE delta.`" + table + "` (id BIGINT, t TIMESTAMP) USING delta PARTITIONED BY (t)");
            sql("INSERT INTO delta.`" + table + "` SELECT id, timestamp'2024-03-10 01:30:00.25' + make_interval(0, 0, 0, 0, id) FROM range(5)");
            sql("INSERT INTO delta.`" + table + "` VALUES (7, NULL), (8, timestamp'1500-01-01 00:00:00'), (9, timestamp'9999-01-01 00:00:00')");
            Differential.assertAlike("zone", delta(table), sluice(table));
            spark().conf().set("spark.sql.session.timeZone", "GMT+8");
            Differential.assertAlike("another zone", delta(table), sluice(table));
        } finally {
            spark().conf().unset("spark.databricks.delta.write.utcTimestampPartitionValues");
            spark().conf().set("spark.sql.session.timeZone", "UTC");
        }
    }

    /** Old timestamps of checkpoints, among them the end of time that many tables know. */
    @Test
    public void checkpointsOfPartitionedTimestamps() {
        Path table = freshPath("end");
        sql("CREATE TABLE delta.`" + table + "` (id BIGINT, t TIMESTAMP, u TIMESTAMP, d DATE) USING delta PARTITIONED BY (t)"
                + " TBLPROPERTIES ('delta.checkpointInterval' = '2', 'delta.checkpoint.writeStatsAsStruct' = 'true')");
        for (int i = 0; i < 3; i++) {
            sql("INSERT INTO delta.`" + table + "` SELECT id + " + i * 10 + ", t, t, CAST(t AS DATE) FROM VALUES (1L, timestamp'9999-12-31 00:00:00'), (2L, timestamp'2024-01-01 00:00:00'), (3L, timestamp'0001-01-01 00:00:00') AS v(id, t)");
        }
        Differential.assertAlike("checkpoint", delta(table), sluice(table));
    }

    /** Bounds that were written for a narrower type, rounded to it. */
    @Test
    public void widenedBounds() {
        Path table = freshPath("widened");
        String t = "delta.`" + table + "`";
        sql("CREATE TABLE " + t + " (id BIGINT, f FLOAT, d DECIMAL(5,2), t DATE, i INT, s STRUCT<b: TINYINT>) USING delta"
                + " TBLPROPERTIES ('delta.enableTypeWidening' = 'true', 'delta.feature.timestampNtz' = 'supported')");
        sql("INSERT INTO " + t + " VALUES (1, 1.1, 12.34, date'1969-12-31', 7, named_struct('b', 1Y))");
        sql("INSERT INTO " + t + " VALUES (2, 0.3, -0.01, date'0001-01-01', -8, named_struct('b', -128Y)), (3, NULL, NULL, NULL, NULL, NULL)");
        for (String column : List.of("f DOUBLE", "d DECIMAL(12,4)", "t TIMESTAMP_NTZ", "i DECIMAL(20,3)", "s.b BIGINT")) {
            String[] parts = column.split(" ", 2);
            sql("ALTER TABLE " + t + " ALTER COLUMN " + parts[0] + " TYPE " + parts[1]);
        }
        sql("INSERT INTO " + t + " VALUES (4, 1e300, 12345678.1234, timestamp_ntz'2024-01-01 01:02:03', 12345678901234567.123, named_struct('b', 5000000000))");
        Differential.assertAlike("widened", delta(table), sluice(table));
        Dataset<Row> rows = delta(table).localCheckpoint();
        Differential.assertFiltersAlike("rounded", rows, sluice(table),
                List.of("f = double(float('1.1'))", "f >= double(float('1.1'))", "f <= double(float('0.3'))", "f IN (double(float('0.3')), 7D)"));
    }

    /** Numbers that are not the nearest to their digits when these are read carelessly; the bounds are the values. */
    @Test
    public void doublesToTheLastBit() {
        Path table = freshPath("doubles");
        sql("CREATE TABLE delta.`" + table + "` (id BIGINT, d DOUBLE) USING delta");
        String values = "(1, 9.899999999999999D), (2, 9.204938554384977D), (3, 0.1D + 0.2D), (4, 4.9E-324D), (5, 1.7976931348623157E308D)";
        for (String value : values.split("(?<=\\)), ")) {
            sql("INSERT INTO delta.`" + table + "` VALUES " + value);
        }
        sql("INSERT INTO delta.`" + table + "` SELECT id + 10, rand(7) * 100 FROM range(0, 20, 1, 20)");
        for (Row row : delta(table).collectAsList()) {
            for (String operator : List.of("=", "<=", ">=")) {
                String filter = "d " + operator + " " + row.getDouble(1) + "D AND id = " + row.getLong(0);
                assertEquals(filter, 1, sluice(table).where(filter).count());
            }
            String in = "d IN (" + row.getDouble(1) + "D, 0.5D) AND id = " + row.getLong(0);
            assertEquals(in, 1, sluice(table).where(in).count());
        }
        Differential.assertAlike("doubles", delta(table), sluice(table));
    }

    /** Values of before the column's type was widened. */
    @Test
    public void widenedPartitions() {
        for (String column : List.of("DECIMAL(5,2) DECIMAL(12,4) 12.34 0.5", "INT DECIMAL(12,2) 7 1.25", "DATE TIMESTAMP_NTZ date'2024-02-29' timestamp_ntz'2024-03-01T01:02:03'",
                "SMALLINT BIGINT 7 5000000000", "FLOAT DOUBLE 1.5F 1e300D")) {
            String[] parts = column.split(" ");
            Path table = freshPath("widened");
            String t = "delta.`" + table + "`";
            sql("CREATE TABLE " + t + " (id BIGINT, p " + parts[0] + ", q STRING) USING delta PARTITIONED BY (p, q)"
                    + " TBLPROPERTIES ('delta.enableTypeWidening' = 'true', 'delta.feature.timestampNtz' = 'supported')");
            sql("INSERT INTO " + t + " VALUES (1, " + parts[2] + ", 'a'), (2, NULL, 'b')");
            sql("ALTER TABLE lake." + t + " ALTER COLUMN p TYPE " + parts[1]);
            sql("INSERT INTO lake." + t + " VALUES (3, " + parts[3] + ", 'a'), (4, NULL, NULL)");
            Differential.assertAlike(column, delta(table), sluice(table));
            for (String filter : List.of("p IS NOT NULL", "p IS NULL", "q = 'a'", "p = " + parts[2], "p < " + parts[3], "p <= " + parts[2] + " AND q = 'a'")) {
                Rows.assertSame(column + ": " + filter, delta(table).where(filter), sluice(table).where(filter));
            }
            sql("DELETE FROM lake." + t + " WHERE q = 'a' AND p = " + parts[2]);
            assertEquals(column, 3, delta(table).count());
        }
    }

    /** An empty text as a partition value stands for NULL (Delta protocol, "Partition Value Serialization"). */
    @Test
    public void emptyPartitions() throws IOException {
        Path table = freshPath("empty");
        sql("CREATE TABLE delta.`" + table + "` (id BIGINT, p STRING, b BINARY) USING delta PARTITIONED BY (p, b)");
        sql("INSERT INTO delta.`" + table + "` VALUES (1, NULL, NULL), (2, 'x', X'41')");
        rewrite(table, commit -> commit.replace("\"p\":null", "\"p\":\"\"").replace("\"b\":null", "\"b\":\"\""));
        for (String column : List.of("p", "b")) {
            assertEquals(1, sluice(table).where(column + " IS NULL").count());
            assertEquals(1, sluice(table).where(column + " IS NOT NULL").count());
            assertEquals(1, sluice(table).where(column + " IS NULL AND id = 1").count());
        }
    }

    /** Spark does not ask for nulls where there must be none, so that a file without the column must not be read from nowhere. */
    @Test
    public void columnsThatMustBeThereAndAreNot() throws IOException {
        Path table = freshPath("absent");
        sql("CREATE TABLE delta.`" + table + "` (id BIGINT) USING delta");
        sql("INSERT INTO delta.`" + table + "` SELECT id FROM range(1000)");
        String field = "{\\\"name\\\":\\\"%s\\\",\\\"type\\\":\\\"%s\\\",\\\"nullable\\\":false,\\\"metadata\\\":{}}";
        String more = "\\\"fields\\\":[" + String.join(",", field.formatted("x", "long"), field.formatted("b", "boolean"), field.formatted("s", "string")) + ",";
        rewrite(table, commit -> commit.replace("\\\"fields\\\":[", more));
        assertEquals(1000, sluice(table).count());
        assertEquals(1000, sluice(table).selectExpr("x + 1 AS y", "b AND true AS c", "s").collectAsList().size());
    }

    /** A name that was given up and given again means another column. */
    @Test
    public void columnsOfOneName() {
        Path table = freshPath("again");
        String t = "delta.`" + table + "`";
        sql("CREATE TABLE " + t + " (id BIGINT, a INT, b STRING) USING delta TBLPROPERTIES ('delta.columnMapping.mode' = 'name')");
        for (String statement : List.of("INSERT INTO $t VALUES (1, 10, 'x')", "ALTER TABLE $t DROP COLUMN a", "INSERT INTO $t VALUES (2, 'y')",
                "ALTER TABLE $t ADD COLUMN a INT", "INSERT INTO $t VALUES (3, 'z', 30)", "ALTER TABLE $t RENAME COLUMN b TO c",
                "ALTER TABLE $t ADD COLUMN b INT", "INSERT INTO $t (id, b) VALUES (4, 40)")) {
            sql(statement.replace("$t", t));
        }
        Differential.assertAlike("again", delta(table), sluice(table));
    }

    /** A copy, which no cache knows. */
    static Path copy(Path table) throws IOException {
        Path copy = freshPath("doctored");
        try (var files = Files.walk(table)) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(table.relativize(file).toString()), StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
        return copy;
    }

    /** Changes every commit; checksums and checkpoints are gone. */
    static void rewrite(Path table, UnaryOperator<String> change) throws IOException {
        Path log = table.resolve("_delta_log");
        try (var files = Files.list(log)) {
            for (Path file : files.toList()) {
                if (file.toString().endsWith(".json")) {
                    Files.write(file, Files.readAllLines(file).stream().map(change).toList());
                } else if (Files.isRegularFile(file)) {
                    Files.delete(file);
                }
            }
        }
        Files.deleteIfExists(log.resolve("_last_checkpoint"));
        DeltaLog.clearCache();
    }
}
