package io.sluice.spark;

import static org.junit.Assert.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;

/**
 * A table read by us, held against the same rows in memory, where nothing is pushed down and nothing skipped. The rows
 * have a column {@code id}, no two of them the same value.
 */
final class Differential {
    /** Predicates of each kind that a table is asked. */
    private static final int PREDICATES = 20;
    private static final int SCANS = 20;

    private Differential() {}

    /** @param expected the table as another reader gives it */
    static void assertAlike(String what, Dataset<Row> expected, Dataset<Row> actual) {
        Rows.assertSame(what, expected, actual);
        Dataset<Row> rows = expected.coalesce(1).localCheckpoint();
        assertFiltersAlike(what, rows, actual, Predicates.of(rows, what.hashCode(), PREDICATES));
        assertAggregatesAlike(what, rows, actual);
        long limit = Math.max(1, rows.count() / 3);
        assertEquals(what + ": limit", limit, actual.limit((int) limit).collectAsList().size());
    }

    /** @param rows in memory */
    static void assertFiltersAlike(String what, Dataset<Row> rows, Dataset<Row> actual, List<String> predicates) {
        List<TreeSet<Long>> expected = matching(rows, predicates);
        List<TreeSet<Long>> found = scanned(actual, predicates);
        var wrong = new ArrayList<String>();
        for (int i = 0; i < predicates.size(); i++) {
            if (!found.get(i).equals(expected.get(i))) {
                wrong.add(predicates.get(i) + " gave " + found.get(i) + " instead of " + expected.get(i));
            }
        }
        assertEquals(what, "", String.join("\n", wrong));
    }

    /** The ids for which each of the predicates is true. */
    private static List<TreeSet<Long>> matching(Dataset<Row> rows, List<String> predicates) {
        var columns = new ArrayList<>(List.of("id"));
        predicates.forEach(predicate -> columns.add("coalesce(" + predicate + ", false)"));
        var ids = new ArrayList<TreeSet<Long>>();
        predicates.forEach(predicate -> ids.add(new TreeSet<>()));
        for (InternalRow row : rows.selectExpr(columns.toArray(String[]::new)).queryExecution().executedPlan().executeCollect()) {
            for (int i = 0; i < predicates.size(); i++) {
                if (row.getBoolean(i + 1)) {
                    ids.get(i).add(row.getLong(0));
                }
            }
        }
        return ids;
    }

    /** The ids that a scan with each of the predicates gives; many scans to a query, which saves the time of its job. */
    private static List<TreeSet<Long>> scanned(Dataset<Row> table, List<String> predicates) {
        var ids = new ArrayList<TreeSet<Long>>();
        predicates.forEach(predicate -> ids.add(new TreeSet<>()));
        for (int first = 0; first < predicates.size(); first += SCANS) {
            Dataset<Row> scans = IntStream.range(first, Math.min(first + SCANS, predicates.size()))
                    .mapToObj(i -> table.where(predicates.get(i)).selectExpr("id", i + " AS i")).reduce(Dataset::union).orElseThrow().coalesce(1);
            for (InternalRow row : scans.queryExecution().executedPlan().executeCollect()) {
                if (!ids.get(row.getInt(1)).add(row.getLong(0))) {
                    throw new AssertionError("row " + row.getLong(0) + " came twice where " + predicates.get(row.getInt(1)));
                }
            }
        }
        return ids;
    }

    /** Each alone, as one that the log does not tell keeps the others from being answered from it. */
    private static void assertAggregatesAlike(String what, Dataset<Row> rows, Dataset<Row> actual) {
        var aggregates = new ArrayList<>(List.of("count(*)"));
        Arrays.stream(rows.schema().fields()).filter(field -> field.dataType().typeName().matches("byte|long|date|string"))
                .forEach(field -> List.of("min", "max", "count").forEach(f -> aggregates.add(f + "(`" + field.name() + "`)")));
        String[] texts = aggregates.stream().map(aggregate -> "CAST(" + aggregate + " AS STRING)").toArray(String[]::new);
        Row expected = rows.selectExpr(texts).first();
        Dataset<Row> found = IntStream.range(0, texts.length).mapToObj(i -> actual.selectExpr(i + " AS i", texts[i] + " AS text"))
                .reduce(Dataset::union).orElseThrow().coalesce(1);
        for (Row row : found.collectAsList()) {
            assertEquals(what + ": " + aggregates.get(row.getInt(0)), expected.get(row.getInt(0)), row.get(1));
        }
    }
}
