package io.sluice.spark;

import static io.sluice.spark.Failures.assertFails;
import static io.sluice.spark.SparkFixture.byPath;
import static io.sluice.spark.SparkFixture.delta;
import static io.sluice.spark.SparkFixture.freshPath;
import static io.sluice.spark.SparkFixture.sql;
import static io.sluice.spark.SparkFixture.versions;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.sql.Row;

/**
 * Two Delta tables alike: what is said to the one through our catalog, the other hears from delta-spark, and afterwards
 * both must look the same to delta-spark.
 */
public final class Twins {
    private static final Pattern ERROR_CLASS = Pattern.compile("\\[([A-Z][A-Z0-9_]+(\\.[A-Z0-9_]+)*)]");

    public final Path ours = freshPath("ours");
    public final Path theirs = freshPath("theirs");

    /** Both made by delta-spark, with a row each. */
    public void create(String columns, String more, String row) {
        for (Path table : List.of(ours, theirs)) {
            sql("CREATE TABLE delta.`" + table + "` (" + columns + ") USING delta " + more);
            sql("INSERT INTO delta.`" + table + "` VALUES (" + row + ")");
        }
    }

    /** Says it to both; {@code %s} stands for the table. */
    public void both(String statement) {
        sql(statement.formatted("delta.`" + theirs + "`"));
        sql(statement.formatted(byPath(ours)));
        assertAlike(statement);
    }

    public void alter(String what) {
        both("ALTER TABLE %s " + what);
    }

    /** Appends to ours by ourselves, and to the other by delta-spark. */
    public void append(String row) {
        sql("INSERT INTO " + byPath(ours) + " VALUES (" + row + ")");
        sql("INSERT INTO delta.`" + theirs + "` VALUES (" + row + ")");
        assertEquals(sorted(theirs), sorted(ours));
    }

    /** Each table is appended to by the connector that did not change it. */
    public void appendCrosswise(String row) {
        sql("INSERT INTO delta.`" + ours + "` VALUES (" + row + ")");
        sql("INSERT INTO " + byPath(theirs) + " VALUES (" + row + ")");
        assertEquals(sorted(theirs), sorted(ours));
    }

    /** Ours is refused with words that match, and left alone. */
    public void assertNotAltered(String pattern, String what) {
        long versions = versions(ours);
        assertFails(pattern, () -> sql("ALTER TABLE " + byPath(ours) + " " + what));
        assertEquals(what, versions, versions(ours));
    }

    /** Both are refused by the same error class. */
    public void assertRefused(String statement) {
        Throwable theirError = assertThrows(statement, Throwable.class,
                () -> sql(statement.formatted("delta.`" + theirs + "`")));
        String expected = errorClass(theirError);
        long versions = versions(ours);
        Throwable ourError = assertThrows(statement, Throwable.class, () -> sql(statement.formatted(byPath(ours))));
        assertEquals(statement + "\n" + theirError + "\n" + ourError, expected, errorClass(ourError));
        assertEquals(statement, versions, versions(ours));
    }

    /** The first error class that a message of the chain begins with. */
    public static String errorClass(Throwable thrown) {
        for (Throwable e = thrown; e != null; e = e.getCause()) {
            Matcher found = ERROR_CLASS.matcher(String.valueOf(e.getMessage()));
            if (found.find()) {
                return found.group(1);
            }
        }
        return "no error class in " + thrown;
    }

    public void assertAlike(String what) {
        assertEquals(what, shape(theirs), shape(ours));
        assertEquals(what, sorted(theirs), sorted(ours));
        Row expected = last(theirs);
        Row actual = last(ours);
        assertEquals(what, expected.<String>getAs("operation"), actual.getAs("operation"));
        assertEquals(what, expected.<Long>getAs("version"), actual.getAs("version"));
        assertEquals(what, withoutMapping(expected), withoutMapping(actual));
    }

    public static Row last(Path table) {
        return sql("DESCRIBE HISTORY delta.`" + table + "` LIMIT 1").collectAsList().get(0);
    }

    public static List<String> sorted(Path table) {
        return delta(table).collectAsList().stream().map(Row::toString).sorted().toList();
    }

    /** Schema, properties and protocol, but for what chance and time decide. */
    public static String shape(Path table) {
        Row detail = sql("DESCRIBE DETAIL delta.`" + table + "`").first();
        Map<String, String> properties = new TreeMap<>(detail.<String, String>getJavaMap(detail.fieldIndex("properties")));
        properties.replaceAll((key, value) -> key.endsWith("EnablementTimestamp") || key.contains(".materialized") ? "some" : value);
        List<String> features = detail.<String>getList(detail.fieldIndex("tableFeatures")).stream().sorted().toList();
        return delta(table).schema().json() + "\n" + properties + features + detail.getAs("minReaderVersion") + detail.getAs("minWriterVersion")
                + detail.getAs("description") + detail.getAs("partitionColumns") + detail.getAs("clusteringColumns");
    }

    /** Parameters name columns with or without their ids and changes of type; that is delta-spark's own affair. */
    private static Map<String, JsonNode> withoutMapping(Row commit) {
        Map<String, JsonNode> parameters = new TreeMap<>();
        commit.<String, String>getJavaMap(commit.fieldIndex("operationParameters")).forEach((key, value) -> {
            JsonNode parsed = parsed(value);
            for (JsonNode metadata : parsed.findValues("metadata")) {
                ((ObjectNode) metadata).remove(List.of("delta.columnMapping.id", "delta.columnMapping.physicalName", "delta.typeChanges"));
            }
            parameters.put(key, parsed);
        });
        return parameters;
    }

    /** Structured parameters are text that holds JSON. */
    private static JsonNode parsed(String value) {
        try {
            return new ObjectMapper().readTree(value);
        } catch (JsonProcessingException plainText) {
            return TextNode.valueOf(value);
        }
    }
}
