package io.sluice.spark.write;

import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.internal.SQLConf;
import scala.jdk.javaapi.CollectionConverters;
import scala.jdk.javaapi.OptionConverters;

/** The one reader of Spark's session configuration. */
public final class SessionConf {
  private static final String HADOOP_DEFAULTS = "core-default.xml";

  private SessionConf() {}

  /** The value the user set, or null. */
  public static String get(String key) {
    return current().getConfString(key, null);
  }

  /** A thread that was there before the session, as PySpark's are, has none of its own. */
  private static SQLConf current() {
    return SparkSession.getActiveSession().isDefined()
        ? SQLConf.get()
        : OptionConverters.toJava(SparkSession.getDefaultSession())
            .map(session -> ((org.apache.spark.sql.classic.SparkSession) session).sessionState().conf())
            .orElseGet(SQLConf::get);
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

  /** Hadoop's entries for object stores, without its shipped defaults; settings of the session win. */
  public static Map<String, String> hadoopStorage() {
    Configuration hadoop = hadoop();
    Map<String, String> found = new TreeMap<>();
    for (Map.Entry<String, String> entry : hadoop) {
      String key = entry.getKey();
      if (StorageKeys.isHadoopObjectStore(key) && !isDefault(hadoop, key)) {
        found.put(key, hadoop.get(key));
      }
    }
    StorageKeys.HADOOP_OBJECT_STORES.forEach(prefix -> found.putAll(startingWith(prefix)));
    return found;
  }

  /** A catalog may be asked before there is a session: then it is what Hadoop finds on the class path. */
  private static Configuration hadoop() {
    return OptionConverters.toJava(SparkSession.getActiveSession().orElse(SparkSession::getDefaultSession))
        .map(session -> session.sparkContext().hadoopConfiguration())
        .orElseGet(Configuration::new);
  }

  private static boolean isDefault(Configuration hadoop, String key) {
    String[] sources = hadoop.getPropertySources(key);
    return sources != null && sources.length == 1 && sources[0].endsWith(HADOOP_DEFAULTS);
  }
}
