package io.sluice.spark.jni.message;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a scan is to read.
 *
 * @param version null for the newest
 * @param schema Spark's schema JSON of the wanted columns, nested fields pruned
 * @param filters each holds for the wanted rows; see {@code read.FilterMessage}
 * @param exactFilters filters on partition columns that Spark will not evaluate again
 * @param limit rows that are enough, or null
 * @param session what the session says about files of others
 */
public record ScanRequest(
    TableRef table,
    Long version,
    String schema,
    List<Map<String, Object>> filters,
    List<Map<String, Object>> exactFilters,
    Long limit,
    ReadSession session) {
  public ScanRequest {
    filters = List.copyOf(filters);
    exactFilters = List.copyOf(exactFilters);
  }

  public Map<String, Object> message() {
    Map<String, Object> message = new LinkedHashMap<>();
    message.put("table", table.table());
    message.put("location", table.at().location());
    message.put("storage", table.at().storage());
    message.put("version", version);
    message.put("schema", Json.tree(schema.getBytes(StandardCharsets.UTF_8)));
    message.put("filters", filters);
    message.put("exactFilters", exactFilters);
    message.put("limit", limit);
    message.put("session", session.message());
    return message;
  }
}
