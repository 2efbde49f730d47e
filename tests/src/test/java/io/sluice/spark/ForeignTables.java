package io.sluice.spark;

import static io.sluice.spark.SparkFixture.freshPath;
import static io.sluice.spark.SparkFixture.spark;
import static io.sluice.spark.SparkFixture.sql;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Tables of other writers, as data: the same rows in files of many makings, few to a file, so that its bounds are narrow. */
final class ForeignTables {
    private ForeignTables() {}

    /** @param make writes the parts into a new table and returns its path */
    record Maker(String name, Function<List<Dataset<Row>>, Path> make) {
        @Override
        public String toString() {
            return name;
        }
    }

    static final List<Maker> ALL = List.of(
            delta("plain", ""),
            delta("mapped by id, deleted rows", "'delta.columnMapping.mode' = 'id', 'delta.enableDeletionVectors' = 'true'",
                    "DELETE FROM $t WHERE id % 5 = 2"),
            delta("whole files deleted", "'delta.enableDeletionVectors' = 'true'", "DELETE FROM $t WHERE id BETWEEN 8 AND 16", "DELETE FROM $t WHERE id % 3 = 0"),
            delta("statistics of some columns", "'delta.dataSkippingStatsColumns' = 'id,c_double,c_string,c_ntz'"),
            delta("checkpoint without JSON", "'delta.checkpointInterval' = '5', 'delta.checkpoint.writeStatsAsJson' = 'false', 'delta.checkpoint.writeStatsAsStruct' = 'true'"),
            parquet("INT96, legacy lists and decimals", Map.of("spark.sql.parquet.outputTimestampType", "INT96", "spark.sql.parquet.writeLegacyFormat", "true"),
                    Map.of("compression", "gzip")),
            parquet("milliseconds, second page format", Map.of("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MILLIS"),
                    Map.of("compression", "zstd", "parquet.writer.version", "v2")),
            parquet("no dictionary, pages of two rows", Map.of(), Map.of("compression", "none", "parquet.enable.dictionary", "false",
                    "parquet.page.row.count.limit", "2", "parquet.page.size.row.check.min", "1")),
            parquet("second page format, pages of three rows", Map.of(), Map.of("compression", "lz4_raw", "parquet.writer.version", "v2",
                    "parquet.page.row.count.limit", "3", "parquet.page.size.row.check.min", "1", "parquet.enable.dictionary", "false")),
            parquet("small row groups", Map.of(), Map.of("compression", "snappy", "parquet.block.size", "500", "parquet.page.size.row.check.min", "1",
                    "parquet.page.size.row.check.max", "1", "parquet.block.size.row.check.min", "1", "parquet.block.size.row.check.max", "2")),
            new Maker("ours", parts -> {
                Path table = freshPath("ours");
                parts.forEach(part -> part.write().format("sluice").mode("append").save(table.toString()));
                return table;
            }));

    private static Maker delta(String name, String properties, String... changes) {
        return new Maker(name, parts -> {
            Path table = freshPath("delta");
            String t = "delta.`" + table + "`";
            parts.get(0).limit(0).createOrReplaceTempView("shape");
            sql("CREATE TABLE " + t + " USING delta " + (properties.isEmpty() ? "" : "TBLPROPERTIES (" + properties + ") ") + "AS SELECT * FROM shape");
            parts.forEach(part -> part.coalesce(1).write().format("delta").mode("append").save(table.toString()));
            for (String change : changes) {
                sql(change.replace("$t", t));
            }
            return table;
        });
    }

    /** Spark's own Parquet files, made a table afterwards. */
    private static Maker parquet(String name, Map<String, String> settings, Map<String, String> options) {
        return new Maker(name, parts -> {
            Path table = freshPath("parquet");
            settings.forEach((key, value) -> spark().conf().set(key, value));
            try {
                var whole = parts.stream().reduce(Dataset::union).orElseThrow();
                List.of(whole.where("id % 2 = 0").orderBy("id"), whole.where("id % 2 = 1").orderBy("id")).forEach(
                        part -> part.coalesce(1).write().options(options).mode("append").parquet(table.toString()));
            } finally {
                new ArrayList<>(settings.keySet()).forEach(spark().conf()::unset);
            }
            sql("CONVERT TO DELTA parquet.`" + table + "`");
            return table;
        });
    }
}
