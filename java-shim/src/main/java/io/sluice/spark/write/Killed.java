package io.sluice.spark.write;

import org.apache.spark.TaskContext;
import org.apache.spark.TaskKilledException;

/** Tasks that Spark has killed, and that may not have noticed. */
public final class Killed {
  private Killed() {}

  /** Spark drops the message of a killed task, which would leave its files to nobody; a failure leads to abort. */
  public static void fail() {
    TaskContext context = TaskContext.get();
    if (context != null && context.isInterrupted()) {
      throw new TaskKilledException("killed before its files were handed to the driver");
    }
  }
}
