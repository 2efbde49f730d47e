package io.sluice.spark;

import static io.sluice.spark.SparkFixture.delta;
import static io.sluice.spark.SparkFixture.spark;
import static io.sluice.spark.SparkFixture.sql;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.junit.BeforeClass;
import org.junit.Test;

/** Statistics let delta-spark leave files out, and never one that holds a row it asked for. */
public class StatisticsTest {
    private static final int FILES = 13;
    /** Delta keeps no bounds of the first two, and Spark pads a char column before it compares. */
    private static final Set<String> WITHOUT_BOUNDS = Set.of("c_boolean", "c_binary", "c_char");

    private static final Map<String, Set<String>> OPENED = new HashMap<>();

    private static Path table;
    private static Dataset<Row> source;

    /** Filters on one column, by their SQL. */
    private record Filters(String column, List<String> selective, List<String> all) {}

    private static List<Filters> filters;
    private static Map<String, Set<Long>> idsByFile;
    private static Map<String, Set<Long>> idsByFilter;

    @BeforeClass
    public static void write() throws Exception {
        var columns = Stream.of(SampleColumns.FLAT, SampleColumns.NTZ).flatMap(List::stream).filter(c -> !c.name().equals("c_ntzs")).toList();
        var parts = SampleColumns.parts(columns, FILES, 1).parts();
        sql("CREATE TABLE lake.statistics.t (" + SampleColumns.ddl(columns) + ", s STRUCT<a: DOUBLE, b: STRING>, sparse INT, mixed DOUBLE)");
        table = SparkFixture.warehouse().resolve("statistics/t");
        var written = new ArrayList<Dataset<Row>>();
        for (var part : parts) {
            // Two rows per file, so that bounds span something; a column that is null in all files but one.
            var two = part.unionAll(part.withColumn("id", functions.expr("id + 100"))).selectExpr("*",
                    "named_struct('a', c_double, 'b', c_string) AS s", "IF(id = 7, 1, NULL) AS sparse",
                    "CASE WHEN id = 3 THEN double('NaN') WHEN id = 104 THEN -0.0D ELSE double(id % 100) END AS mixed").coalesce(1);
            written.add(two);
            two.writeTo("lake.statistics.t").append();
        }
        source = written.stream().reduce(Dataset::unionAll).orElseThrow().localCheckpoint();
        filters = new ArrayList<>(columns.stream().map(c -> filters(c.name(), c.sourceType(), c.values())).toList());
        filters.add(filters("s.a", "DOUBLE", List.of("'NaN'", "'Infinity'", "'0.1'", "1e300D")));
        filters.add(filters("s.b", "STRING", List.of("''", "repeat('m', 40)", "repeat('m', 32)", "'~'")));
        filters.add(filters("sparse", "INT", List.of("1")));
        filters.add(filters("mixed", "DOUBLE", List.of("'NaN'", "0.0D", "-0.0D", "12.0D", "1e300D")));
        idsByFile = new HashMap<>();
        for (Row row : delta(table).select(functions.input_file_name(), functions.col("id")).collectAsList()) {
            idsByFile.computeIfAbsent(name(row.getString(0)), file -> new HashSet<>()).add(row.getLong(1));
        }
        idsByFilter = evaluate();
    }

    private static Filters filters(String column, String type, List<String> values) {
        var literals = values.stream().filter(v -> !v.equals("NULL")).map(v -> "CAST(" + v + " AS " + type + ")").toList();
        var selective = literals.stream().map(v -> column + " = " + v).toList();
        var all = new ArrayList<>(selective);
        for (String v : literals) {
            all.addAll(List.of(column + " > " + v, column + " <= " + v));
        }
        all.addAll(List.of(column + " IS NULL", column + " IS NOT NULL"));
        return new Filters(column, selective, all);
    }

    /** Which rows each filter wants, found without Delta: all filters in one pass. */
    private static Map<String, Set<Long>> evaluate() {
        List<String> all = filters.stream().flatMap(f -> f.all().stream()).distinct().toList();
        var answers = source.selectExpr("id", "array(" + String.join(", ", all) + ") AS answers").collectAsList();
        Map<String, Set<Long>> ids = new HashMap<>();
        for (int i = 0; i < all.size(); i++) {
            int filter = i;
            ids.put(all.get(i), answers.stream().filter(row -> Boolean.TRUE.equals(row.getList(1).get(filter)))
                    .map(row -> row.getLong(0)).collect(Collectors.toSet()));
        }
        return ids;
    }

    @Test
    public void noFileIsLeftOutThatHoldsAnAnswer() {
        assertEquals(2 * FILES, idsByFile.values().stream().mapToInt(Set::size).sum());
        for (Filters column : filters) {
            for (String filter : column.all()) {
                var seen = new HashSet<Long>();
                opened(filter).forEach(file -> seen.addAll(idsByFile.get(file)));
                assertTrue(filter + " wants rows " + idsByFilter.get(filter) + ", the opened files hold " + seen,
                        seen.containsAll(idsByFilter.get(filter)));
            }
        }
    }

    @Test
    public void someValueOfEachColumnLeavesFilesOut() {
        for (Filters column : filters) {
            int fewest = column.selective().stream().mapToInt(filter -> opened(filter).size()).min().orElseThrow();
            assertTrue(column.column() + " opens at best " + fewest, fewest <= FILES / 2 || WITHOUT_BOUNDS.contains(column.column()));
        }
        assertEquals("null counts", 1, opened("sparse IS NOT NULL").size());
    }

    private static Set<String> opened(String filter) {
        return OPENED.computeIfAbsent(filter, f ->
                Arrays.stream(delta(table).where(f).inputFiles()).map(StatisticsTest::name).collect(Collectors.toSet()));
    }

    private static String name(String file) {
        return file.substring(file.lastIndexOf('/') + 1);
    }

    @Test
    public void onlyTheFirstColumnsHaveStatisticsUnlessNamed() {
        var rows = spark().range(0, 40, 1, 1).selectExpr("id", "id AS a", "id AS b", "id AS c");
        for (String[] limit : new String[][] {{"delta.dataSkippingNumIndexedCols", "2"}, {"delta.dataSkippingStatsColumns", "id,a"}}) {
            Path path = SparkFixture.freshPath("indexed");
            sql("CREATE TABLE " + SparkFixture.byPath(path) + " (id BIGINT, a BIGINT, b BIGINT, c BIGINT) TBLPROPERTIES ('"
                    + limit[0] + "' = '" + limit[1] + "')");
            for (String half : List.of("id < 20", "id >= 20")) {
                rows.where(half).write().format("sluice").mode("append").save(path.toString());
            }
            assertEquals(limit[0] + ", inside", 1, delta(path).where("a = 1").inputFiles().length);
            assertEquals(limit[0] + ", outside", 2, delta(path).where("c = 1").inputFiles().length);
        }
    }
}
