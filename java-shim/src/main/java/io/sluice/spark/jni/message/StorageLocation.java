package io.sluice.spark.jni.message;

import java.util.Map;
import java.util.Objects;

/**
 * Where something is stored and how to get there.
 *
 * @param location a URL, percent-encoded, without a trailing slash
 * @param storage object-store and Hadoop keys, credentials among them
 */
public record StorageLocation(String location, Map<String, String> storage) {
  public StorageLocation {
    Objects.requireNonNull(location, "location");
    storage = Map.copyOf(storage);
  }

  /** Leaves the values out: they may be credentials. */
  @Override
  public String toString() {
    return storage.isEmpty() ? location : location + " " + storage.keySet();
  }
}
