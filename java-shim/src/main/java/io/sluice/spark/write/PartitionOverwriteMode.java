package io.sluice.spark.write;

import io.sluice.spark.session.SessionConf;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/** Delta's option {@code partitionOverwriteMode}, and Spark's setting of that name: which partitions an overwrite replaces. */
final class PartitionOverwriteMode {
  static final String OPTION = "partitionOverwriteMode";
  private static final String SETTING = "spark.sql.sources.partitionOverwriteMode";

  private PartitionOverwriteMode() {}

  /** Whether a value, which may be null, asks for the partitions that rows are written to. */
  static boolean isDynamic(String value) {
    return "dynamic".equalsIgnoreCase(value);
  }

  /**
   * The mode of a write, or else of the session. Where the table has a name, Spark itself goes by the session's, and asks for
   * all rows to be replaced only where it says so.
   */
  static String of(CaseInsensitiveStringMap options) {
    String option = options.get(OPTION);
    boolean isByPath = options.containsKey("path");
    return option != null || !isByPath ? option : SessionConf.get(SETTING);
  }
}
