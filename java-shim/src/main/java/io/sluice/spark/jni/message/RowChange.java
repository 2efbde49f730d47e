package io.sluice.spark.jni.message;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A change of rows within the files of an existing table: what a transaction is for instead of adding files alone.
 *
 * @param version of the table whose rows it has seen and names
 * @param tableId of that table
 * @param parameters of the operation, for the table's history: JSON in text, or text
 * @param insertsOnly whether no clause of it changes a row that is there
 * @param target what was read to find the rows, apart from what else the statement has read; null if nothing was, or all
 */
public record RowChange(
    Operation operation, long version, String tableId, Map<String, String> parameters, boolean insertsOnly, Target target) {
  /** What the table's history calls it. */
  public enum Operation {
    DELETE,
    UPDATE,
    MERGE
  }

  /**
   * Rows that may be changed.
   *
   * @param filters each holds for all of them; see {@code read.FilterMessage}
   * @param exactFilters the same on partition columns, whose values decide them
   * @param insertsUnmatched whether rows are inserted for what matches none, and rows may match that are not touched
   */
  public record Target(
      List<Map<String, Object>> filters, List<Map<String, Object>> exactFilters, ReadSession session, boolean insertsUnmatched) {
    public Target {
      filters = List.copyOf(filters);
      exactFilters = List.copyOf(exactFilters);
    }

    private Map<String, Object> message() {
      return Map.of("filters", filters, "exactFilters", exactFilters, "insertsUnmatched", insertsUnmatched);
    }
  }

  public RowChange {
    parameters = Map.copyOf(parameters);
  }

  Map<String, Object> message() {
    Map<String, Object> message = new LinkedHashMap<>();
    message.put("operation", operation.name());
    message.put("version", version);
    message.put("tableId", tableId);
    message.put("parameters", parameters);
    message.put("insertOnly", insertsOnly);
    if (target != null) {
      message.put("session", target.session.message());
      message.put("target", target.message());
    }
    return message;
  }
}
