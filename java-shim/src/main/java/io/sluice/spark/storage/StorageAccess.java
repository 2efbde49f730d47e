package io.sluice.spark.storage;

import io.sluice.spark.jni.message.StorageLocation;
import java.util.Map;
import java.util.TreeMap;

/**
 * How a catalog reaches storage: with Hadoop's object-store settings, unless the place is local, and over them the
 * catalog's own options.
 */
public final class StorageAccess {
  private final Map<String, String> own;

  /** @param options of the catalog; those that are not about storage are left out */
  public StorageAccess(Map<String, String> options) {
    this.own = StorageKeys.of(options);
  }

  public StorageLocation to(Location location) {
    Map<String, String> storage = location.isLocalFile() ? new TreeMap<>() : HadoopSettings.ofObjectStores();
    storage.putAll(own);
    return new StorageLocation(location.url(), storage);
  }
}
