package io.sluice.spark.rows;

import io.sluice.spark.write.DeltaKernelCommitMessage;
import java.util.List;
import org.apache.spark.sql.connector.write.WriterCommitMessage;

/**
 * Spark's {@code WriterCommitMessage}: what a finished task sends to the driver.
 *
 * @param positions opaque: the rows deleted and updated
 * @param written of files; empty if the task brought no rows
 */
record ChangeCommitMessage(byte[] positions, List<DeltaKernelCommitMessage> written) implements WriterCommitMessage {
  private static final long serialVersionUID = 1L;
}
