package io.sluice.spark.ddl;

import io.sluice.spark.InvalidInputException;
import io.sluice.spark.error.Unchecked;
import io.sluice.spark.storage.StorageKeys;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.sql.connector.catalog.TableCatalog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one property map of a CREATE TABLE, taken apart.
 *
 * @param table the table's own properties, keys as typed
 * @param comment null if there is none
 * @param location what LOCATION or the path option says, or null
 * @param storage how to reach storage, from OPTIONS
 */
public record CreateProperties(
    Map<String, String> table, String comment, String location, Map<String, String> storage) {
  private static final Logger LOG = LoggerFactory.getLogger(CreateProperties.class);
  /** Spark's property for the default collation of a table's columns. */
  static final String COLLATION = "collation";
  private static final Set<String> PROVIDERS = Set.of("delta", "sluice", "io.sluice.spark.sluicesource");
  private static final Set<String> RESERVED = Set.of(
      TableCatalog.PROP_PROVIDER, TableCatalog.PROP_OWNER, TableCatalog.PROP_LOCATION,
      TableCatalog.PROP_IS_MANAGED_LOCATION, TableCatalog.PROP_EXTERNAL, TableCatalog.PROP_COMMENT,
      "table_type", COLLATION);
  /** What a table's log says of that one table: shown by SHOW CREATE TABLE, found anew for each table created. */
  private static final Set<String> DERIVED = Set.of(
      "delta.columnMapping.maxColumnId",
      "delta.inCommitTimestampEnablementVersion", "delta.inCommitTimestampEnablementTimestamp",
      "delta.rowTracking.materializedRowIdColumnName", "delta.rowTracking.materializedRowCommitVersionColumnName");
  private static final String SESSION_DEFAULTS = "spark.databricks.delta.properties.defaults.";

  /**
   * @param properties as Spark gives them to the catalog
   * @param sessionDefaults settings whose keys begin with Delta's prefix for defaults of new tables
   * @throws InvalidInputException for another provider or file format
   */
  static CreateProperties of(String name, Map<String, String> properties, Map<String, String> sessionDefaults) {
    checkProvider(name, properties);
    checkCollation("create " + name, properties.get(COLLATION));
    Map<String, String> table = new TreeMap<>();
    sessionDefaults.forEach((key, value) -> table.put("delta." + key.substring(SESSION_DEFAULTS.length()), value));
    table.keySet().removeIf(key -> properties.keySet().stream().anyMatch(key::equalsIgnoreCase));
    Map<String, String> options = new TreeMap<>();
    properties.forEach((key, value) -> {
      if (key.startsWith(TableCatalog.OPTION_PREFIX)) {
        options.put(key.substring(TableCatalog.OPTION_PREFIX.length()), value);
      }
    });
    properties.forEach((key, value) -> {
      boolean repeatsOption = options.containsKey(key) && !key.startsWith("delta.");
      if (!RESERVED.contains(key) && !isDerived(key) && !key.startsWith(TableCatalog.OPTION_PREFIX) && !repeatsOption) {
        table.put(key, value);
      }
    });
    Map<String, String> storage = StorageKeys.of(options);
    takeOptions(name, options, table);
    String location = properties.getOrDefault(TableCatalog.PROP_LOCATION, options.get("path"));
    return new CreateProperties(table, properties.get(TableCatalog.PROP_COMMENT), location, storage);
  }

  /** Whether a property is a record that Delta keeps, and nobody's choice. */
  static boolean isDerived(String key) {
    return DERIVED.contains(key);
  }

  /** Whether a property speaks of the protocol, which is no part of a table's properties. */
  public static boolean isProtocol(String key) {
    return isFeature(key) || key.equalsIgnoreCase("delta.minReaderVersion")
        || key.equalsIgnoreCase("delta.minWriterVersion");
  }

  static boolean isFeature(String key) {
    return key.toLowerCase(Locale.ROOT).startsWith("delta.feature.");
  }

  static String sessionDefaultsPrefix() {
    return SESSION_DEFAULTS;
  }

  boolean hasColumnMapping() {
    return table.entrySet().stream().anyMatch(property ->
        property.getKey().equalsIgnoreCase("delta.columnMapping.mode") && !property.getValue().equalsIgnoreCase("none"));
  }

  /** Delta takes its own properties from OPTIONS too; what is left over has no meaning for a table. */
  private static void takeOptions(String name, Map<String, String> options, Map<String, String> table) {
    options.forEach((key, value) -> {
      if (key.startsWith("delta.")) {
        table.put(key, value);
      } else if (!key.equals("path") && !StorageKeys.isStorage(key)) {
        LOG.warn("Option {} means nothing to the new table {} and is ignored", key, name);
      }
    });
  }

  /**
   * Which strings equal each other and how they are ordered is by their bytes, and Delta's log does not tell otherwise.
   *
   * @param action completes "Cannot …"
   */
  static void checkCollation(String action, String collation) {
    if (collation != null && !collation.equalsIgnoreCase("UTF8_BINARY")) {
      throw Unchecked.raise(new InvalidInputException("DELTA_UNSUPPORTED_DATA_TYPES", "Cannot " + action + " with DEFAULT COLLATION "
          + collation + ": strings of Delta tables are compared by their bytes. Leave it out, or say UTF8_BINARY", null));
    }
  }

  private static void checkProvider(String name, Map<String, String> properties) {
    String provider = properties.get(TableCatalog.PROP_PROVIDER);
    if (provider != null && !PROVIDERS.contains(provider.toLowerCase(Locale.ROOT))) {
      throw Unchecked.raise(new InvalidInputException("SLUICE_UNSUPPORTED_PROVIDER", "Cannot create " + name + " USING " + provider
          + ": this catalog holds Delta tables only. Say USING delta, or nothing", null));
    }
    if (properties.keySet().stream().anyMatch(key -> key.startsWith("hive."))) {
      throw Unchecked.raise(new InvalidInputException("SLUICE_UNSUPPORTED_PROVIDER", "Cannot create " + name
          + " with STORED AS or ROW FORMAT: this catalog holds Delta tables only. Say USING delta, or nothing", null));
    }
  }
}
