package io.sluice.spark.jni.message;

/**
 * How data files are written; null leaves a choice to the native side.
 *
 * @param codecOption codec named by the write's own option
 * @param codecSession codec the user set for the session; the table property stands between the two
 * @param executorCores cores that an executor has for its tasks
 */
public record WriterSettings(
    String codecOption,
    String codecSession,
    Long rowGroupBytes,
    Long targetFileBytes,
    Long maxRecordsPerFile,
    Integer executorCores) {
  /** Everything is the native side's choice. */
  public static final WriterSettings DEFAULT = new WriterSettings(null, null, null, null, null, null);
}
