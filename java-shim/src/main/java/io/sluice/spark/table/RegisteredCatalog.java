package io.sluice.spark.table;

import io.sluice.spark.jni.InvalidInputException;
import io.sluice.spark.write.SessionConf;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.spark.sql.SparkSession;

/** Finds the catalog that path-based reads and writes go through. */
public final class RegisteredCatalog {
  private static final String PREFIX = "spark.sql.catalog.";
  private static final Pattern NAME = Pattern.compile("spark\\.sql\\.catalog\\.[^.]+");
  private static final String DEFAULT = "sluice";
  private static final String SESSION_CATALOG = "io.sluice.spark.SluiceSessionCatalog";

  private RegisteredCatalog() {}

  /**
   * @param wanted the catalog the user asks for, or null
   * @param ours the catalog class; subclasses count
   * @return the wanted one; else the first of ours by name; else {@code sluice}, registered now and without a warehouse
   */
  public static String name(String wanted, Class<?> ours) {
    if (wanted != null) {
      return wanted;
    }
    for (Map.Entry<String, String> entry : SessionConf.startingWith(PREFIX).entrySet()) {
      if (NAME.matcher(entry.getKey()).matches() && isOurs(entry.getValue(), ours)) {
        return entry.getKey().substring(PREFIX.length());
      }
    }
    return register(ours);
  }

  private static String register(Class<?> ours) {
    String key = PREFIX + DEFAULT;
    String taken = SessionConf.get(key);
    if (taken != null) {
      throw new InvalidInputException("SLUICE_NO_CATALOG", "Cannot register a catalog for format sluice: " + key
          + " is " + taken + ". Register " + ours.getName() + " under another name, or name a catalog with the option "
          + "sluice.catalog", null);
    }
    SparkSession.active().conf().set(key, ours.getName());
    return DEFAULT;
  }

  private static boolean isOurs(String className, Class<?> ours) {
    if (className.equals(ours.getName()) || className.equals(SESSION_CATALOG)) {
      return true;
    }
    try {
      ClassLoader loader = Thread.currentThread().getContextClassLoader();
      return ours.isAssignableFrom(Class.forName(className, false, loader == null ? ours.getClassLoader() : loader));
    } catch (ClassNotFoundException | LinkageError e) {
      // A catalog that cannot be loaded is not ours to complain about.
      return false;
    }
  }
}
