package io.sluice.spark.rows;

import static io.sluice.spark.SparkFixture.byPath;
import static io.sluice.spark.SparkFixture.delta;
import static io.sluice.spark.SparkFixture.sql;
import static io.sluice.spark.SparkFixture.versions;
import static org.junit.Assert.assertEquals;

import io.sluice.spark.Failures;
import io.sluice.spark.Twins;
import io.sluice.spark.faults.TableFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** DELETE, UPDATE and MERGE said to two tables alike, to the one through our catalog and to the other through delta-spark. */
final class Statements {
    /** What depends neither on time nor on how many files rows are written to. */
    private static final Set<String> COUNTS = Set.of("numDeletedRows", "numUpdatedRows", "numTargetRowsInserted", "numTargetRowsUpdated", "numTargetRowsDeleted",
            "numTargetRowsMatchedUpdated", "numTargetRowsMatchedDeleted", "numTargetRowsNotMatchedBySourceUpdated", "numTargetRowsNotMatchedBySourceDeleted");

    private final Twins twins = new Twins();

    Path ours() {
        return twins.ours;
    }

    String name() {
        return byPath(twins.ours);
    }

    /** Both made by delta-spark. */
    static Statements of(String columns, String more, String... rows) {
        Statements statements = new Statements();
        statements.twins.create(columns, more, rows[0]);
        for (int i = 1; i < rows.length; i++) {
            for (Path table : List.of(statements.twins.ours, statements.twins.theirs)) {
                sql("INSERT INTO delta.`" + table + "` SELECT /*+ COALESCE(1) */ * FROM VALUES " + rows[i]);
            }
        }
        return statements;
    }

    /** Says it to both, which then hold the same, in as many versions with the same history; {@code %s} stands for the table. */
    void say(String statement) {
        sql(statement.formatted("delta.`" + twins.theirs + "`"));
        sql(statement.formatted(name()));
        assertAlike(statement);
    }

    void assertAlike(String statement) {
        assertEquals(statement, Twins.shape(twins.theirs), Twins.shape(twins.ours));
        assertEquals(statement, Twins.sorted(twins.theirs), Twins.sorted(twins.ours));
        assertEquals(statement + ", read by us", Twins.sorted(twins.theirs), rows(sql("SELECT * FROM " + name())));
        assertEquals(statement, versions(twins.theirs), versions(twins.ours));
        assertEquals(statement, told(twins.theirs), told(twins.ours));
    }

    /** Says it to ours alone: delta-spark does not take it. */
    void sayToOurs(String statement, String... rows) {
        sql(statement.formatted(name()));
        assertHolds(statement, rows);
    }

    void assertHolds(String what, String... rows) {
        assertEquals(what, List.of(rows), Twins.sorted(twins.ours));
        assertEquals(what, List.of(rows), rows(sql("SELECT * FROM " + name())));
    }

    /** Said to ours it fails, and neither a version nor a file comes of it. */
    void assertFails(String pattern, String statement) throws Exception {
        assertUntouched(() -> Failures.assertFails(pattern, () -> sql(statement.formatted(name()))));
    }

    void assertRefused(String condition, String statement) throws Exception {
        assertUntouched(() -> Failures.assertRefused(condition, () -> sql(statement.formatted(name()))));
    }

    /** Said to ours it does nothing, and there is no new version. */
    void assertNothingToDo(String statement) throws Exception {
        assertUntouched(() -> sql(statement.formatted(name())));
    }

    private void assertUntouched(Failures.Action action) throws Exception {
        int versions = versions(twins.ours);
        List<String> before = Twins.sorted(twins.ours);
        var files = TableFiles.data(twins.ours);
        action.run();
        assertEquals(versions, versions(twins.ours));
        assertEquals(before, Twins.sorted(twins.ours));
        assertEquals(files, TableFiles.data(twins.ours));
    }

    /** What the history tells of our last statement, in numbers. */
    Map<String, String> metrics() {
        Row last = Twins.last(twins.ours);
        return new TreeMap<>(last.<String, String>getJavaMap(last.fieldIndex("operationMetrics")));
    }

    static List<String> rows(Dataset<Row> rows) {
        return rows.collectAsList().stream().map(Row::toString).sorted().toList();
    }

    /** What the history tells of the last statement, without the ids that Spark gives to columns. */
    private static Map<String, String> told(Path table) {
        Row last = Twins.last(table);
        Map<String, String> told = new TreeMap<>(last.<String, String>getJavaMap(last.fieldIndex("operationParameters")));
        told.replaceAll((key, text) -> text.replaceAll("#\\d+L?", ""));
        new TreeMap<>(last.<String, String>getJavaMap(last.fieldIndex("operationMetrics"))).forEach((key, count) -> {
            if (COUNTS.contains(key)) {
                told.put(key, count);
            }
        });
        told.put("operation", last.getAs("operation"));
        return told;
    }

    /** The changes that the feed tells of, as delta-spark reads it. */
    static List<String> feed(Path table, String columns, int from) {
        return rows(sql("SELECT " + columns + ", _change_type, _commit_version FROM table_changes_by_path('" + table + "', " + from + ")"));
    }

    List<List<String>> feeds(String columns, int from) {
        return new ArrayList<>(List.of(feed(twins.theirs, columns, from), feed(twins.ours, columns, from)));
    }
}
