package io.sluice.spark.catalog;

import io.sluice.spark.UnsupportedTableException;
import io.sluice.spark.error.Unchecked;
import io.sluice.spark.storage.Location;
import java.lang.reflect.Constructor;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.TableIdentifier;
import org.apache.spark.sql.catalyst.analysis.NoSuchNamespaceException;
import org.apache.spark.sql.catalyst.analysis.NoSuchTableException;
import org.apache.spark.sql.catalyst.catalog.CatalogStorageFormat;
import org.apache.spark.sql.catalyst.catalog.CatalogTable;
import org.apache.spark.sql.catalyst.catalog.CatalogTableType;
import org.apache.spark.sql.catalyst.catalog.SessionCatalog;
import org.apache.spark.sql.connector.catalog.Identifier;
import org.apache.spark.sql.errors.QueryCompilationErrors;
import org.apache.spark.sql.types.StructType;
import scala.Option;
import scala.Product;

/**
 * Delta tables in Spark's built-in catalog (in memory, or a Hive metastore), registered as Delta registers them:
 * provider and location, while schema and properties are the log's. The one place that knows Spark's session catalog
 * from within, since its public face loads no table whose provider is not on the class path, and registers no managed
 * table whose data is there already.
 */
public final class SessionEntries {
  private static final Set<String> PROVIDERS = Set.of("delta", "sluice", "io.sluice.spark.sluicesource");
  private static final Pattern NAME = Pattern.compile("\\w+");
  private static final String DELTA = "delta";

  /** @param managed whether dropping the entry deletes the data */
  public record Entry(Location location, boolean managed) {}

  /** Whether tables of this provider are ours. */
  public static boolean isDelta(String provider) {
    return provider != null && PROVIDERS.contains(provider.toLowerCase(Locale.ROOT));
  }

  /** The entry of a Delta table; empty for any other table, for a view, and where there is nothing. */
  public Optional<Entry> find(Identifier ident) {
    if (ident.namespace().length != 1) {
      return Optional.empty();
    }
    try {
      CatalogTable table = catalog().getTableMetadata(identifier(ident));
      boolean ours = table.provider().isDefined() && isDelta(table.provider().get());
      return ours ? Optional.of(entry(table)) : Optional.empty();
    } catch (NoSuchTableException | NoSuchNamespaceException e) {
      return Optional.empty();
    }
  }

  /** Refuses, as Spark's catalog does, a name that it could not register, before there is a table of that name. */
  public static void requireValidName(Identifier ident) {
    if (!NAME.matcher(ident.name()).matches()) {
      throw Unchecked.raise((Exception) QueryCompilationErrors.invalidNameForTableOrDatabaseError(ident.name()));
    }
  }

  /** Whether the name is taken, by a table of any kind or a view. */
  public boolean exists(Identifier ident) {
    return ident.namespace().length == 1 && catalog().tableExists(identifier(ident));
  }

  /** Where a managed table of that name belongs. */
  public Location defaultLocation(Identifier ident) {
    return Location.of(new org.apache.hadoop.fs.Path(catalog().defaultTablePath(identifier(ident))).toString());
  }

  /** Registers a table whose data is there already. */
  public void register(Identifier ident, Entry entry) {
    CatalogStorageFormat storage = at(entry.location(), CatalogStorageFormat.empty());
    CatalogTableType type = entry.managed() ? CatalogTableType.MANAGED() : CatalogTableType.EXTERNAL();
    CatalogTable table = catalogTable(Map.of(
        0, identifier(ident), 1, type, 2, storage, 3, new StructType(), 4, Option.apply(DELTA)));
    // Not validated: a managed table's directory is not empty, as it holds the table.
    catalog().createTable(table, false, false);
  }

  /** The entry stays managed or external, whatever it was. */
  public void setLocation(Identifier ident, Location location) throws NoSuchTableException {
    CatalogTable table = registered(ident);
    catalog().alterTable(with(table, 2, at(location, table.storage())));
  }

  private static CatalogStorageFormat at(Location location, CatalogStorageFormat storage) {
    return with(storage, 0, Option.apply(new org.apache.hadoop.fs.Path(location.toString()).toUri()));
  }

  /** Removes the entry, and the data of a managed table. */
  public void drop(Identifier ident, boolean purge) {
    catalog().dropTable(identifier(ident), true, purge);
  }

  /** A managed table's directory moves with its name. */
  public void rename(Identifier from, Identifier to) {
    catalog().renameTable(identifier(from), identifier(to));
  }

  private static CatalogTable registered(Identifier ident) throws NoSuchTableException {
    try {
      return catalog().getTableMetadata(identifier(ident));
    } catch (NoSuchNamespaceException e) {
      throw new NoSuchTableException(ident);
    }
  }

  private static Entry entry(CatalogTable table) {
    boolean managed = table.tableType().equals(CatalogTableType.MANAGED());
    return new Entry(Location.of(new org.apache.hadoop.fs.Path(table.location()).toString()), managed);
  }

  private static TableIdentifier identifier(Identifier ident) {
    return new TableIdentifier(ident.name(), Option.apply(ident.namespace()[0]));
  }

  private static SessionCatalog catalog() {
    return ((org.apache.spark.sql.classic.SparkSession) SparkSession.active()).sessionState().catalog();
  }

  /** A new table; fields not given by index take their declared defaults. */
  private static CatalogTable catalogTable(Map<Integer, Object> given) {
    return make(CatalogTable.class, i -> given.containsKey(i)
        ? given.get(i)
        : CatalogTable.class.getMethod("apply$default$" + (i + 1)).invoke(null));
  }

  /** The same with another value of the field of that index. */
  @SuppressWarnings("unchecked")
  private static <T extends Product> T with(T old, int field, Object value) {
    return make((Class<T>) old.getClass(), i -> i == field ? value : old.productElement(i));
  }

  /** Spark's versions differ in the number of fields that the descriptions in its session catalog have. */
  private static <T> T make(Class<T> type, Fields fields) {
    try {
      Constructor<?> constructor = Arrays.stream(type.getConstructors())
          .max(java.util.Comparator.comparingInt(Constructor::getParameterCount)).orElseThrow();
      Object[] arguments = new Object[constructor.getParameterCount()];
      for (int i = 0; i < arguments.length; i++) {
        arguments[i] = fields.get(i);
      }
      return type.cast(constructor.newInstance(arguments));
    } catch (ReflectiveOperationException e) {
      throw new UnsupportedTableException("SLUICE_UNSUPPORTED_SPARK", "Cannot describe a table to Spark's session catalog: "
          + "this version of Spark is not supported; use io.sluice.spark.SluiceCatalog under a name of its own", e);
    }
  }

  private interface Fields {
    Object get(int index) throws ReflectiveOperationException;
  }
}
