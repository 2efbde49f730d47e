package io.sluice.spark.jni.message;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * A table as control requests name it.
 *
 * @param table the name shown to users, for example {@code lake.db.t}
 */
public record TableRef(String table, StorageLocation at) {
  public TableRef {
    Objects.requireNonNull(table, "table");
    Objects.requireNonNull(at, "at");
  }

  /** The same table, reached with these storage keys as well. */
  public TableRef withStorage(Map<String, String> more) {
    if (more.isEmpty()) {
      return this;
    }
    Map<String, String> storage = new LinkedHashMap<>(at.storage());
    storage.putAll(more);
    return new TableRef(table, new StorageLocation(at.location(), storage));
  }
}
