package io.sluice.spark.storage;

import io.sluice.spark.session.CurrentSession;
import io.sluice.spark.session.SessionConf;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;

/** What Hadoop's configuration says of object stores. */
final class HadoopSettings {
  private static final String DEFAULTS = "core-default.xml";

  private HadoopSettings() {}

  /** Its entries for them, without its shipped defaults; settings of the session win. */
  static Map<String, String> ofObjectStores() {
    Configuration hadoop = configuration();
    Map<String, String> found = new TreeMap<>();
    for (Map.Entry<String, String> entry : hadoop) {
      String key = entry.getKey();
      if (StorageKeys.isHadoopObjectStore(key) && !isDefault(hadoop, key)) {
        found.put(key, hadoop.get(key));
      }
    }
    StorageKeys.HADOOP_OBJECT_STORES.forEach(prefix -> found.putAll(SessionConf.startingWith(prefix)));
    return found;
  }

  /** A catalog may be asked before there is a session: then it is what Hadoop finds on the class path. */
  private static Configuration configuration() {
    return CurrentSession.find()
        .map(session -> session.sparkContext().hadoopConfiguration())
        .orElseGet(Configuration::new);
  }

  private static boolean isDefault(Configuration hadoop, String key) {
    String[] sources = hadoop.getPropertySources(key);
    return sources != null && sources.length == 1 && sources[0].endsWith(DEFAULTS);
  }
}
