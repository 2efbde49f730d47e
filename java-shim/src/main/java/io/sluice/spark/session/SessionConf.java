package io.sluice.spark.session;

import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.internal.SQLConf;
import scala.jdk.javaapi.CollectionConverters;

/** The one reader of Spark's session configuration. */
public final class SessionConf {
  private SessionConf() {}

  /** The value the user set, or null. */
  public static String get(String key) {
    return current().getConfString(key, null);
  }

  /** What the user set under a prefix, by key, the prefix included. */
  public static Map<String, String> startingWith(String prefix) {
    Map<String, String> found = new TreeMap<>();
    CollectionConverters.asJava(current().getAllConfs()).forEach((key, value) -> {
      if (key.startsWith(prefix)) {
        found.put(key, value);
      }
    });
    return found;
  }

  /** Spark's own way knows no session but the thread's. */
  private static SQLConf current() {
    return SparkSession.getActiveSession().isDefined()
        ? SQLConf.get()
        : CurrentSession.find()
            .map(session -> ((org.apache.spark.sql.classic.SparkSession) session).sessionState().conf())
            .orElseGet(SQLConf::get);
  }
}
