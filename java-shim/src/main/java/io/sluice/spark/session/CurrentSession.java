package io.sluice.spark.session;

import java.util.Optional;
import org.apache.spark.sql.SparkSession;
import scala.jdk.javaapi.OptionConverters;

/** Spark's session, as a thread of the driver finds it. */
public final class CurrentSession {
  private CurrentSession() {}

  /**
   * The thread's own, else the default one: a thread that was there before the session, as PySpark's are, has none of its own.
   * Empty before there is any.
   */
  public static Optional<SparkSession> find() {
    return OptionConverters.toJava(SparkSession.getActiveSession().orElse(SparkSession::getDefaultSession));
  }
}
