package io.sluice.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * What the user asked for.
 *
 * @param work where a table without a path of its own is kept
 * @param table a path or URL, or null for a fresh table under {@code work}
 * @param partitionBy a column, or null
 */
record Options(Path work, String input, String table, String partitionBy) {

    static Options parse(String[] args) {
        Map<String, String> given = new HashMap<>();
        for (int i = 0; i + 1 < args.length; i += 2) {
            given.put(args[i], args[i + 1]);
        }
        Options options = new Options(Path.of(given.getOrDefault("--work", "build/run")).toAbsolutePath(),
            given.get("--input"), given.get("--table"), given.get("--partition-by"));
        options.checkInput();
        return options;
    }

    private void checkInput() {
        if (input == null) {
            throw new IllegalArgumentException("Cannot run without input: give --input <csv, json or parquet>.");
        }
        if (!input.contains("://") && !Files.exists(Path.of(input))) {
            throw new IllegalArgumentException("Cannot read " + input + ": there is no such file.");
        }
    }

    /** The table as a user of the catalog names it. */
    String tableName() {
        return table == null ? "lake.`" + stem() + "`" : "lake.delta.`" + table + "`";
    }

    /** Where its files lie. */
    String location() {
        return table == null ? work.resolve(stem()).toString() : table;
    }

    Dataset<Row> read(SparkSession spark) {
        String name = input.toLowerCase();
        if (name.contains(".csv") || name.contains(".tsv")) {
            return spark.read().option("header", "true").option("inferSchema", "true")
                .option("sep", name.contains(".tsv") ? "\t" : ",").csv(input);
        }
        if (name.contains(".json") || name.contains(".ndjson")) {
            return spark.read().option("multiLine", startsWithBracket()).json(input);
        }
        return spark.read().parquet(input);
    }

    /** One JSON array over many lines, and not one object a line. */
    private boolean startsWithBracket() {
        if (input.contains("://") || Files.isDirectory(Path.of(input))) {
            return false;
        }
        try (var in = Files.newInputStream(Path.of(input))) {
            int first = in.read();
            while (Character.isWhitespace(first)) {
                first = in.read();
            }
            return first == '[';
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String stem() {
        String file = input.replaceAll("/+$", "").replaceAll(".*/", "");
        return file.replaceAll("\\..*", "").replaceAll("\\W", "_");
    }
}
