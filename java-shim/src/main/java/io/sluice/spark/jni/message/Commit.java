package io.sluice.spark.jni.message;

import java.util.Map;

/**
 * A commit and what it says about itself (Delta protocol, "Commit Provenance Information"); what it does not say is null.
 *
 * @param timestamp milliseconds since the epoch
 * @param operationParameters never null, in the order of the log, as {@code operationMetrics}; values may be null
 */
public record Commit(
    long version,
    long timestamp,
    String userId,
    String userName,
    String operation,
    Map<String, String> operationParameters,
    Job job,
    Notebook notebook,
    String clusterId,
    Long readVersion,
    String isolationLevel,
    Boolean isBlindAppend,
    Map<String, String> operationMetrics,
    String userMetadata,
    String engineInfo) {
  public Commit {
    operationParameters = operationParameters == null ? Map.of() : operationParameters;
  }

  /** The job that a commit comes from. */
  public record Job(
      String jobId, String jobName, String jobRunId, String runId, String jobOwnerId, String triggerType) {}

  /** The notebook that a commit comes from. */
  public record Notebook(String notebookId) {}
}
