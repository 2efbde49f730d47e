package io.sluice.spark.jni.message;

import java.util.Map;

/**
 * What the driver knows of a row-level change when its tasks are done.
 *
 * @param packing of files that are written anew
 * @param counts that nobody but Spark knows, for the table's history, by the names that its metrics have there
 */
public record Resolution(ScanPacking packing, Map<String, Long> counts) {
  public Resolution {
    counts = Map.copyOf(counts);
  }
}
