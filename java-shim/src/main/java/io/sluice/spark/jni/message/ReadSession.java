package io.sluice.spark.jni.message;

import java.util.Map;

/**
 * Settings of the session that reads.
 *
 * @param timeZone a region, or an offset such as {@code +08:00}
 * @param ignoreMissingFiles whether files that are not there count as empty
 * @param ignoreCorruptFiles whether what cannot be read of a file is left out
 */
public record ReadSession(String timeZone, boolean ignoreMissingFiles, boolean ignoreCorruptFiles) {
  Map<String, Object> message() {
    return Map.of("timeZone", timeZone, "ignoreMissingFiles", ignoreMissingFiles,
        "ignoreCorruptFiles", ignoreCorruptFiles);
  }
}
