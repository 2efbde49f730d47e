package io.sluice.spark.jni.message;

import java.util.List;
import java.util.Map;

/**
 * A table to be created.
 *
 * @param schema Delta schema JSON, by logical names
 * @param clusteringColumns paths of logical names
 * @param constraints SQL expressions of CHECK constraints by name
 * @param description the table comment, or null
 * @param managed whether the catalog chose the place, for the table's history
 */
public record TableDefinition(
    String schema,
    List<String> partitionColumns,
    List<List<String>> clusteringColumns,
    Map<String, String> properties,
    Map<String, String> constraints,
    String description,
    boolean managed) {}
