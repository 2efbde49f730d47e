package io.sluice.spark.jni.message;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The rows that a write takes the place of, or that a statement deletes.
 *
 * @param version of the table that the writer has seen; rows that came later are not touched
 * @param tableId of that table
 * @param predicate the condition on the rows that go, as the user wrote it, for the table's history; or null
 */
public record Overwrite(
    Operation operation, long version, String tableId, Scope scope, String predicate, ReadSession session) {
  /** What the table's history calls it. */
  public enum Operation {
    WRITE,
    /** Brings no rows. */
    DELETE
  }

  /** Which rows. */
  public sealed interface Scope {}

  /** All rows of the table. */
  public record WholeTable() implements Scope {}

  /** The rows of the partitions that rows are written to. */
  public record WrittenPartitions() implements Scope {}

  /**
   * The rows of the partitions that match.
   *
   * @param filters all of them hold; see {@code read.FilterMessage}
   */
  public record Matching(List<Map<String, Object>> filters) implements Scope {
    public Matching {
      filters = List.copyOf(filters);
    }
  }

  Map<String, Object> message() {
    Map<String, Object> message = new LinkedHashMap<>();
    message.put("operation", operation.name());
    message.put("version", version);
    message.put("tableId", tableId);
    if (scope instanceof Matching matching) {
      message.put("scope", Map.of("matching", matching.filters()));
    } else {
      message.put("scope", scope instanceof WholeTable ? "table" : "writtenPartitions");
    }
    message.put("predicate", predicate);
    message.put("session", session.message());
    return message;
  }
}
