package io.sluice.spark.storage;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Which option keys tell how to reach storage. */
public final class StorageKeys {
  static final List<String> HADOOP_OBJECT_STORES = List.of("fs.s3a.", "fs.azure.", "fs.gs.");
  private static final List<String> PREFIXES = List.of("fs.", "aws_", "azure_", "google_");

  private StorageKeys() {}

  public static boolean isStorage(String key) {
    String lower = key.toLowerCase(Locale.ROOT);
    return PREFIXES.stream().anyMatch(lower::startsWith);
  }

  static boolean isHadoopObjectStore(String key) {
    return HADOOP_OBJECT_STORES.stream().anyMatch(key::startsWith);
  }

  /** Those of the options that tell how to reach storage. */
  public static Map<String, String> of(Map<String, String> options) {
    Map<String, String> storage = new TreeMap<>(options);
    storage.keySet().removeIf(key -> !isStorage(key));
    return storage;
  }
}
