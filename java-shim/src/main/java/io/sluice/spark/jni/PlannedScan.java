package io.sluice.spark.jni;

import io.sluice.spark.jni.message.Json;
import io.sluice.spark.jni.message.PackedScan;
import io.sluice.spark.jni.message.ScanPacking;
import io.sluice.spark.jni.message.ScanRequest;
import io.sluice.spark.jni.message.ScanSummary;
import com.fasterxml.jackson.core.type.TypeReference;
import java.util.Arrays;
import java.util.List;

/**
 * A scan planned by the driver. Nothing native stays behind.
 *
 * @param plan for every task, opaque
 * @param files for {@link #pack}, opaque
 */
public record PlannedScan(ScanSummary summary, byte[] plan, byte[] files) {
  /**
   * Replays the log and skips files.
   *
   * @throws TableMissingException if there is no Delta table
   * @throws UnsupportedTableException if the table needs a reader feature that is not known here
   */
  public static PlannedScan of(ScanRequest request) {
    NativeLibrary.load();
    try {
      byte[][] parts = Native.planScan(Json.write(request.message()));
      return new PlannedScan(Json.read(parts[0], ScanSummary.class), parts[1], parts[2]);
    } finally {
      NativeLogs.forward();
    }
  }

  /** The files cut and packed into partitions. */
  public PackedScan pack(ScanPacking packing) {
    byte[][] parts = Native.packScan(files, Json.write(packing));
    List<List<Object>> keys = Json.read(parts[0], new TypeReference<>() {});
    return new PackedScan(keys, Arrays.copyOfRange(parts, 1, parts.length));
  }
}
