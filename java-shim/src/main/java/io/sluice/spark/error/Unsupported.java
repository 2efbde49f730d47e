package io.sluice.spark.error;

import io.sluice.spark.UnsupportedTableException;

/** Refusals of whole operations, as Spark's catalog interfaces want them. */
public final class Unsupported {
  private Unsupported() {}

  /**
   * @param what completes "Cannot …", with the table's name
   * @param advice what to do instead
   */
  public static UnsupportedTableException operation(String what, String advice) {
    return new UnsupportedTableException("SLUICE_UNSUPPORTED_OPERATION", "Cannot " + what + ": " + advice, null);
  }
}
