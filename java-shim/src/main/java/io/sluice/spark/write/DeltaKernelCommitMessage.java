package io.sluice.spark.write;

import io.sluice.spark.jni.message.TaskMetrics;
import org.apache.spark.sql.connector.write.WriterCommitMessage;

/**
 * Spark's {@code WriterCommitMessage}: what a finished task sends to the driver.
 *
 * @param receipt opaque: the files written, with their statistics
 * @param convertNanos time spent on rows to Arrow, an estimate from samples
 * @param crossNanos time spent on the way between Java and native code
 */
public record DeltaKernelCommitMessage(byte[] receipt, TaskMetrics metrics, long convertNanos, long crossNanos)
    implements WriterCommitMessage {
  private static final long serialVersionUID = 1L;
}
