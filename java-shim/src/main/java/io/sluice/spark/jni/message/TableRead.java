package io.sluice.spark.jni.message;

import java.util.List;
import java.util.Map;

/**
 * Rows that a statement has read of the table it writes to.
 *
 * @param filters on partition columns, each of which holds for them; see {@code read.FilterMessage}
 */
public record TableRead(long version, List<Map<String, Object>> filters, ReadSession session) {
  public TableRead {
    filters = List.copyOf(filters);
  }

  /** The same rows, known not to have been changed up to a later version. */
  public TableRead at(long later) {
    return new TableRead(later, filters, session);
  }

  Map<String, Object> message() {
    return Map.of("version", version, "filters", filters, "session", session.message());
  }
}
