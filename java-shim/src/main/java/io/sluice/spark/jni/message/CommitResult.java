package io.sluice.spark.jni.message;

/**
 * What became of a commit.
 *
 * @param outcome {@code committed}, or {@code skipped} when the application's transaction was applied before
 * @param attempts commits tried, 1 without conflicts
 */
public record CommitResult(
    String outcome,
    long version,
    long attempts,
    long numFiles,
    long numOutputRows,
    long numOutputBytes,
    long commitMillis) {
  public boolean skipped() {
    return "skipped".equals(outcome);
  }
}
