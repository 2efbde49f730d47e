package io.sluice.spark;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * A table as it is now, by the letter of its JSON log (Delta protocol, "Action Reconciliation"), as long as that reaches back to the
 * start: an independent reader for Sparks that no delta-spark is made for.
 */
record LogReplay(Path table, StructType schema, List<String> partitionColumns, List<JsonNode> files) {
    private static final String PHYSICAL_NAME = "delta.columnMapping.physicalName";

    static LogReplay of(Path table) {
        Map<String, JsonNode> files = new LinkedHashMap<>();
        JsonNode metadata = null;
        for (JsonNode action : actions(table.resolve("_delta_log"))) {
            if (action.has("metaData")) {
                metadata = action.get("metaData");
            } else if (action.has("add")) {
                files.put(action.get("add").get("path").asText(), action.get("add"));
            } else if (action.has("remove")) {
                files.remove(action.get("remove").get("path").asText());
            }
        }
        List<String> partitionColumns = new ArrayList<>();
        metadata.get("partitionColumns").forEach(column -> partitionColumns.add(column.asText()));
        var schema = (StructType) DataType.fromJson(metadata.get("schemaString").asText());
        return new LogReplay(table, schema, partitionColumns, List.copyOf(files.values()));
    }

    private static List<JsonNode> actions(Path log) {
        List<JsonNode> actions = new ArrayList<>();
        try {
            for (int version = 0; version == 0 || Files.exists(commit(log, version)); version++) {
                for (String line : Files.readAllLines(commit(log, version))) {
                    actions.add(new ObjectMapper().readTree(line));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return actions;
    }

    private static Path commit(Path log, int version) {
        return log.resolve("%020d.json".formatted(version));
    }

    Dataset<Row> read(SparkSession spark) {
        Dataset<Row> rows = spark.createDataFrame(List.of(), schema.asNullable());
        for (var partition : files.stream().collect(Collectors.groupingBy(file -> file.get("partitionValues"))).entrySet()) {
            rows = rows.union(read(spark, partition.getKey(), partition.getValue()));
        }
        return rows;
    }

    private Dataset<Row> read(SparkSession spark, JsonNode partitionValues, List<JsonNode> ofPartition) {
        StructType stored = new StructType(Arrays.stream(schema.fields()).filter(this::isStored).map(LogReplay::physical).toArray(StructField[]::new));
        return spark.read().schema(stored).parquet(ofPartition.stream().map(this::path).toArray(String[]::new))
                .select(Arrays.stream(schema.fields()).map(field -> column(field, partitionValues)).toArray(Column[]::new));
    }

    private String path(JsonNode file) {
        if (file.hasNonNull("deletionVector")) {
            throw new UnsupportedOperationException("Cannot read " + table + " by its log: it has deletion vectors");
        }
        Path path = table.resolve(URLDecoder.decode(file.get("path").asText().replace("+", "%2B"), StandardCharsets.UTF_8));
        return path.toString().replaceAll("[\\\\\\[\\]{}*?^]", "\\\\$0"); // which Spark would take for patterns
    }

    private boolean isStored(StructField field) {
        return !partitionColumns.contains(field.name()) && !field.dataType().equals(DataTypes.NullType);
    }

    private Column column(StructField field, JsonNode partitionValues) {
        String stored = physicalName(field);
        JsonNode partitionValue = partitionColumns.contains(field.name()) ? partitionValues.get(stored) : null;
        Column values = isStored(field) ? functions.col("`" + stored + "`")
                : functions.lit(partitionValue == null || partitionValue.isNull() ? null : partitionValue.asText());
        return values.cast(field.dataType().asNullable()).as(field.name());
    }

    private static String physicalName(StructField field) {
        return field.metadata().contains(PHYSICAL_NAME) ? field.metadata().getString(PHYSICAL_NAME) : field.name();
    }

    private static StructField physical(StructField field) {
        return DataTypes.createStructField(physicalName(field), physical(field.dataType()), true);
    }

    /** With nested fields under the names that they have in files; casts go by position and put the others back. */
    private static DataType physical(DataType type) {
        if (type instanceof StructType struct) {
            return new StructType(Arrays.stream(struct.fields()).map(LogReplay::physical).toArray(StructField[]::new));
        } else if (type instanceof ArrayType array) {
            return DataTypes.createArrayType(physical(array.elementType()));
        } else if (type instanceof MapType map) {
            return DataTypes.createMapType(physical(map.keyType()), physical(map.valueType()));
        }
        return type;
    }
}
