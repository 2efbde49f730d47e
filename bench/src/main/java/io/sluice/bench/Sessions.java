package io.sluice.bench;

import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.SparkSessionExtensions;
import scala.Function1;
import scala.runtime.BoxedUnit;

/** One Spark, and in it one session for each peer, so that no peer pays for another's extensions and settings. */
public final class Sessions implements AutoCloseable {
  private final SparkSession plain;

  Sessions(int cores) {
    plain = SparkSession.builder()
        .appName("sluice-bench")
        .master("local[" + cores + "]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.session.timeZone", "UTC")
        .getOrCreate();
  }

  /** Spark as it comes. */
  public SparkSession plain() {
    return plain;
  }

  /** @param extension class of the session extensions, or null */
  public SparkSession open(Map<String, String> conf, String extension) {
    SparkSession session = extension == null ? plain.newSession() : extended(extension);
    session.conf().set("spark.sql.session.timeZone", "UTC");
    conf.forEach(session.conf()::set);
    return session;
  }

  private static SparkSession extended(String extension) {
    return SparkSession.builder().withExtensions(instance(extension)).create();
  }

  @SuppressWarnings("unchecked") // the type of every class that spark.sql.extensions may name
  private static Function1<SparkSessionExtensions, BoxedUnit> instance(String extension) {
    try {
      Object instance = Class.forName(extension).getDeclaredConstructor().newInstance();
      return (Function1<SparkSessionExtensions, BoxedUnit>) instance;
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("Cannot load session extensions " + extension, e);
    }
  }

  @Override
  public void close() {
    plain.stop();
  }
}
