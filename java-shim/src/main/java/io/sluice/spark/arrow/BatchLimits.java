package io.sluice.spark.arrow;

/**
 * When a batch counts as full: at {@code rows} rows, or at {@code bytes} bytes of Arrow data, whichever comes first.
 * The last row may take a batch past {@code bytes}, and so may the last 128 KiB of rows whose arrays hold null structs,
 * as these are larger in Arrow than in Spark. No lane is taken past what 32-bit Arrow offsets can address.
 *
 * @param rows  at least 1
 * @param bytes at least 1; more than {@link #MAX_BYTES} means {@link #MAX_BYTES}
 */
public record BatchLimits(int rows, long bytes) {
  /** Half of what int32 offsets address, which leaves room for a large last row. */
  public static final long MAX_BYTES = 1L << 30;

  public BatchLimits {
    if (rows < 1 || bytes < 1) {
      throw new IllegalArgumentException("Cannot limit a batch to " + rows + " rows and " + bytes + " bytes: both must be at least 1");
    }
    bytes = Math.min(bytes, MAX_BYTES);
  }
}
