package io.sluice.spark.catalog;

import io.sluice.spark.InvalidInputException;
import io.sluice.spark.error.Unchecked;
import io.sluice.spark.session.SessionConf;
import java.lang.reflect.InvocationTargetException;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.connector.catalog.CatalogPlugin;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Option;

/** Finds the catalog that path-based reads and writes go through. */
public final class RegisteredCatalog {
  private static final String PREFIX = "spark.sql.catalog.";
  private static final Pattern NAME = Pattern.compile("spark\\.sql\\.catalog\\.[^.]+");
  private static final String DEFAULT = "sluice";
  private static final String BUILT_IN = "spark_catalog";
  private static final String SESSION_CATALOG = "io.sluice.spark.SluiceSessionCatalog";

  private static final Logger LOG = LoggerFactory.getLogger(RegisteredCatalog.class);

  private RegisteredCatalog() {}

  /**
   * @param wanted the catalog the user asks for, or null
   * @param ours the catalog class; subclasses count
   * @return the wanted one; else the first of ours by name; else {@code sluice}, registered now and without a warehouse
   */
  public static String name(String wanted, Class<?> ours) {
    boolean isWithoutSession = SparkSession.getActiveSession().isEmpty();
    String name = wanted != null ? wanted : found(ours, isWithoutSession);
    if (isWithoutSession) {
      load(name);
    }
    return name;
  }

  /** Whether the session has a catalog of that name. */
  public static boolean isRegistered(String name) {
    String key = PREFIX + name;
    return name.equalsIgnoreCase(BUILT_IN) || NAME.matcher(key).matches() && SessionConf.get(key) != null;
  }

  /** @param isWithoutSession of such a thread's own, Spark knows its built-in catalog only, whatever is registered for it */
  private static String found(Class<?> ours, boolean isWithoutSession) {
    for (Map.Entry<String, String> entry : SessionConf.startingWith(PREFIX).entrySet()) {
      String name = entry.getKey().substring(PREFIX.length());
      boolean isUsable = NAME.matcher(entry.getKey()).matches() && !(isWithoutSession && name.equals(BUILT_IN));
      if (isUsable && isOurs(entry.getValue(), ours)) {
        return name;
      }
    }
    return register(ours);
  }

  /**
   * Has Spark load a catalog by the settings of the default session. It would look for them in the thread's, which is none
   * for a thread that is older than the session, as PySpark's are.
   */
  private static void load(String name) {
    Option<SparkSession> session = SparkSession.getDefaultSession();
    if (session.isDefined()) {
      SparkSession.setActiveSession(session.get());
      try {
        plugin(session.get(), name);
      } catch (Exception e) {
        // Spark will say it, for the catalog that it then looks for itself.
        LOG.debug("Catalog {} is not loaded beforehand", name, e);
      } finally {
        SparkSession.clearActiveSession();
      }
    }
  }

  /**
   * A catalog of the session, which loads it if it has not.
   *
   * @throws Exception of Spark's if it cannot be loaded
   */
  public static CatalogPlugin plugin(SparkSession session, String name) throws Exception {
    // A class in some versions of Spark, and an interface in others.
    Object catalogs = ((org.apache.spark.sql.classic.SparkSession) session).sessionState().catalogManager();
    try {
      return (CatalogPlugin) catalogs.getClass().getMethod("catalog", String.class).invoke(catalogs, name);
    } catch (InvocationTargetException e) {
      throw e.getCause() instanceof Exception failure ? failure : e;
    }
  }

  private static String register(Class<?> ours) {
    String key = PREFIX + DEFAULT;
    String taken = SessionConf.get(key);
    if (ours.getName().equals(taken)) {
      return DEFAULT;
    }
    if (taken != null) {
      throw Unchecked.raise(new InvalidInputException("SLUICE_NO_CATALOG", "Cannot register a catalog for format sluice: " + key
          + " is " + taken + ". Register " + ours.getName() + " under another name, or name a catalog with the option "
          + "sluice.catalog", null));
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
