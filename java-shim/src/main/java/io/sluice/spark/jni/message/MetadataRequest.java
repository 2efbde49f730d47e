package io.sluice.spark.jni.message;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What is to be read of a metadata table.
 *
 * @param kind which one, as native code calls it
 * @param scan the table whose log is read; its schema is that of the wanted columns of the metadata table, its filters are
 *     on partition columns, by their names in the table
 */
public record MetadataRequest(String kind, ScanRequest scan) {
  public Map<String, Object> message() {
    Map<String, Object> message = new LinkedHashMap<>(scan.message());
    message.put("kind", kind);
    return message;
  }
}
