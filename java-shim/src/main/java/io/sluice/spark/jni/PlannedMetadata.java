package io.sluice.spark.jni;

import io.sluice.spark.TableMissingException;
import io.sluice.spark.jni.message.Json;
import io.sluice.spark.jni.message.MetadataRequest;

/**
 * A planned read of a metadata table. Nothing native stays behind.
 *
 * @param plan for the task, opaque
 */
public record PlannedMetadata(Summary summary, byte[] plan) {
  /** @param files data files of the table; null if only a replay of its log would tell */
  public record Summary(long version, Long files) {}

  /**
   * Settles the version.
   *
   * @throws TableMissingException if there is no Delta table
   */
  public static PlannedMetadata of(MetadataRequest request) {
    NativeLibrary.load();
    try {
      byte[][] parts = Native.planMetadata(Json.write(request.message()));
      return new PlannedMetadata(Json.read(parts[0], Summary.class), parts[1]);
    } finally {
      NativeLogs.forward();
    }
  }
}
