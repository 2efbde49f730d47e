package io.sluice.spark.jni;

import io.sluice.spark.jni.message.ChangeSummary;
import io.sluice.spark.jni.message.Json;
import java.util.Arrays;
import java.util.List;

/**
 * What a row-level change makes of the files of its table, before it is committed.
 *
 * @param staying rows that stay in files that are written anew
 * @param going rows that are deleted or updated, as they were, for the change data feed
 */
public record ResolvedChange(ChangeSummary summary, Copies staying, Copies going) {
  /**
   * Rows that are to be copied.
   *
   * @param plan of the read, opaque, for {@link ReaderHandle#open}; null if there is nothing to read
   * @param slices of each task, opaque
   */
  public record Copies(byte[] plan, List<byte[]> slices) {}

  static ResolvedChange of(byte[][] parts) {
    ChangeSummary summary = Json.read(parts[0], ChangeSummary.class);
    int end = 2 + summary.rewrites();
    Copies staying = new Copies(parts[1], slices(parts, 2, end));
    Copies going = end < parts.length
        ? new Copies(parts[end], slices(parts, end + 1, parts.length))
        : new Copies(null, List.of());
    return new ResolvedChange(summary, staying, going);
  }

  private static List<byte[]> slices(byte[][] parts, int from, int to) {
    return List.copyOf(Arrays.asList(parts).subList(from, to));
  }
}
