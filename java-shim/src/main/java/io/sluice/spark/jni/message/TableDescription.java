package io.sluice.spark.jni.message;

import java.util.List;
import java.util.Map;

/**
 * One version of a table.
 *
 * @param id the table id of its metadata, unique to this incarnation of the table
 * @param schema Delta schema JSON, with Delta's internal column metadata
 * @param clustered whether the table can be clustered, be it by no columns for now
 * @param clusteringColumns paths of logical names
 * @param createdTime milliseconds since the epoch, or null
 * @param writeRefusal null if the table can be written
 */
public record TableDescription(
    long version,
    String id,
    String name,
    String description,
    String schema,
    List<String> partitionColumns,
    boolean clustered,
    List<List<String>> clusteringColumns,
    Map<String, String> properties,
    int minReaderVersion,
    int minWriterVersion,
    List<String> readerFeatures,
    List<String> writerFeatures,
    Long createdTime,
    WriteRefusal writeRefusal) {
  public TableDescription {
    partitionColumns = partitionColumns == null ? List.of() : partitionColumns;
    clusteringColumns = clusteringColumns == null ? List.of() : clusteringColumns;
    properties = properties == null ? Map.of() : properties;
    readerFeatures = readerFeatures == null ? List.of() : readerFeatures;
    writerFeatures = writerFeatures == null ? List.of() : writerFeatures;
  }
}
