package io.sluice.spark;

import io.sluice.spark.jni.DirectoryListing;
import io.sluice.spark.jni.InvalidInputException;
import io.sluice.spark.jni.NativeControl;
import io.sluice.spark.jni.NamespaceDescription;
import io.sluice.spark.jni.StorageLocation;
import io.sluice.spark.jni.TableExistsException;
import io.sluice.spark.jni.TableMissingException;
import io.sluice.spark.jni.TableRef;
import io.sluice.spark.table.CatalogPaths;
import io.sluice.spark.table.Location;
import io.sluice.spark.table.NewTable;
import io.sluice.spark.table.SparkTable;
import io.sluice.spark.table.StagedSparkTable;
import io.sluice.spark.table.StorageAccess;
import io.sluice.spark.table.TimeTravel;
import io.sluice.spark.table.Unsupported;
import io.sluice.spark.write.EngineInfo;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.ToLongFunction;
import org.apache.spark.sql.catalyst.analysis.NamespaceAlreadyExistsException;
import org.apache.spark.sql.catalyst.analysis.NoSuchNamespaceException;
import org.apache.spark.sql.catalyst.analysis.NoSuchTableException;
import org.apache.spark.sql.catalyst.analysis.NonEmptyNamespaceException;
import org.apache.spark.sql.catalyst.analysis.TableAlreadyExistsException;
import org.apache.spark.sql.connector.catalog.Column;
import org.apache.spark.sql.connector.catalog.Identifier;
import org.apache.spark.sql.connector.catalog.NamespaceChange;
import org.apache.spark.sql.connector.catalog.StagedTable;
import org.apache.spark.sql.connector.catalog.StagingTableCatalog;
import org.apache.spark.sql.connector.catalog.SupportsNamespaces;
import org.apache.spark.sql.connector.catalog.Table;
import org.apache.spark.sql.connector.catalog.TableCatalogCapability;
import org.apache.spark.sql.connector.catalog.TableChange;
import org.apache.spark.sql.connector.expressions.Transform;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/**
 * A Spark catalog of Delta tables in directories: {@code spark.sql.catalog.<name>=io.sluice.spark.SluiceCatalog},
 * with {@code .warehouse} a path or URL. A table lies at {@code <warehouse>/<namespace…>/<table>};
 * {@code delta.`/path`} and {@code `/path`} name a table anywhere. Options that begin with fs., aws_, azure_ or google_ say how to reach storage.
 *
 * <p>Creating a table creates the directories above it, as object stores do. Failures other than Spark's own
 * exceptions are {@link SluiceException}s.
 */
@SuppressWarnings("deprecation") // Spark 4.0 knows these overloads only; later ones lead to them by default.
public class SluiceCatalog implements StagingTableCatalog, SupportsNamespaces {
  private static final String WAREHOUSE = "warehouse";

  private CatalogPaths paths;
  private StorageAccess storage;

  @Override
  public void initialize(String name, CaseInsensitiveStringMap options) {
    String warehouse = options.get(WAREHOUSE);
    this.paths = new CatalogPaths(name, warehouse == null ? null : Location.of(warehouse));
    this.storage = new StorageAccess(options.asCaseSensitiveMap());
  }

  @Override
  public String name() {
    return paths.catalog();
  }

  @Override
  public String[] defaultNamespace() {
    return new String[0];
  }

  @Override
  public Set<TableCatalogCapability> capabilities() {
    return Set.of(TableCatalogCapability.SUPPORT_COLUMN_DEFAULT_VALUE);
  }

  // ---- tables

  @Override
  public Identifier[] listTables(String[] namespace) throws NoSuchNamespaceException {
    return list(namespace).tables().stream()
        .map(table -> Identifier.of(namespace, table))
        .toArray(Identifier[]::new);
  }

  @Override
  public Table loadTable(Identifier ident) throws NoSuchTableException {
    CatalogPaths.Place place = paths.table(ident);
    TableRef ref = ref(place);
    try {
      return SparkTable.of(place, ref, NativeControl.describeTable(ref));
    } catch (TableMissingException e) {
      throw because(e, new NoSuchTableException(ident));
    }
  }

  /** The table as it was at a version; it cannot be written. */
  @Override
  public Table loadTable(Identifier ident, String version) throws NoSuchTableException {
    return loadPinned(ident, ref -> TimeTravel.version(ref, version));
  }

  /** @param timestamp microseconds since the epoch */
  @Override
  public Table loadTable(Identifier ident, long timestamp) throws NoSuchTableException {
    return loadPinned(ident, ref -> NativeControl.versionAt(ref, timestamp));
  }

  private Table loadPinned(Identifier ident, ToLongFunction<TableRef> version) throws NoSuchTableException {
    CatalogPaths.Place place = paths.table(ident);
    TableRef ref = ref(place);
    try {
      return SparkTable.pinned(place, ref, NativeControl.describeTable(ref, version.applyAsLong(ref)));
    } catch (TableMissingException e) {
      throw because(e, new NoSuchTableException(ident));
    }
  }

  @Override
  public Table createTable(Identifier ident, Column[] columns, Transform[] partitions, Map<String, String> properties)
      throws TableAlreadyExistsException, NoSuchNamespaceException {
    NewTable table = newTable(ident, columns, partitions, properties);
    try {
      NativeControl.createTable(table.ref(), table.definition(), EngineInfo.current());
      return SparkTable.of(table.place(), table.ref(), NativeControl.describeTable(table.ref()));
    } catch (TableExistsException e) {
      throw because(e, new TableAlreadyExistsException(ident));
    }
  }

  /** Creates the table together with its first rows, in one commit. */
  @Override
  public StagedTable stageCreate(
      Identifier ident, Column[] columns, Transform[] partitions, Map<String, String> properties)
      throws TableAlreadyExistsException, NoSuchNamespaceException {
    // Spark has just looked whether it exists, and the write's own transaction looks again.
    return new StagedSparkTable(newTable(ident, columns, partitions, properties));
  }

  @Override
  public StagedTable stageReplace(
      Identifier ident, Column[] columns, Transform[] partitions, Map<String, String> properties)
      throws NoSuchNamespaceException, NoSuchTableException {
    if (!tableExists(ident)) {
      throw new NoSuchTableException(ident);
    }
    throw replacement(ident);
  }

  /** Creates a table where there is none. Replacing one is refused: dropping it first would lose it on a failure. */
  @Override
  public StagedTable stageCreateOrReplace(
      Identifier ident, Column[] columns, Transform[] partitions, Map<String, String> properties)
      throws NoSuchNamespaceException {
    if (tableExists(ident)) {
      throw replacement(ident);
    }
    return new StagedSparkTable(newTable(ident, columns, partitions, properties));
  }

  /** Deletes the table with its data. */
  @Override
  public boolean dropTable(Identifier ident) {
    return NativeControl.dropTable(ref(paths.table(ident)));
  }

  /** The same as dropping: there is no trash. */
  @Override
  public boolean purgeTable(Identifier ident) {
    return dropTable(ident);
  }

  @Override
  public void renameTable(Identifier from, Identifier to) {
    throw Unsupported.operation(
        "rename " + tableName(from) + " to " + to,
        "a table's name is its directory. Create the new table from the old one (CREATE TABLE … AS SELECT), "
            + "then drop it");
  }

  @Override
  public Table alterTable(Identifier ident, TableChange... changes) {
    throw Unsupported.operation(
        "alter " + tableName(ident), "altering tables is not supported yet. Use Delta's own connector for ALTER TABLE");
  }

  // ---- namespaces

  @Override
  public String[][] listNamespaces() throws NoSuchNamespaceException {
    return listNamespaces(new String[0]);
  }

  @Override
  public String[][] listNamespaces(String[] parent) throws NoSuchNamespaceException {
    return list(parent).namespaces().stream().map(child -> append(parent, child)).toArray(String[][]::new);
  }

  @Override
  public boolean namespaceExists(String[] namespace) {
    return namespace.length == 0 || describe(namespace).exists();
  }

  @Override
  public Map<String, String> loadNamespaceMetadata(String[] namespace) throws NoSuchNamespaceException {
    NamespaceDescription found = describe(namespace);
    if (!found.exists() && namespace.length > 0) {
      throw new NoSuchNamespaceException(namespace);
    }
    Map<String, String> metadata = new HashMap<>(found.properties());
    if (paths.hasWarehouse()) {
      metadata.put(SupportsNamespaces.PROP_LOCATION, paths.directory(namespace).toString());
    }
    return metadata;
  }

  @Override
  public void createNamespace(String[] namespace, Map<String, String> metadata)
      throws NamespaceAlreadyExistsException {
    Map<String, String> properties = new HashMap<>(metadata);
    String location = properties.remove(SupportsNamespaces.PROP_LOCATION);
    if (location != null && !Location.of(location).equals(paths.directory(namespace))) {
      throw Unsupported.operation(
          "create the namespace " + String.join(".", namespace) + " at LOCATION " + location,
          "in this catalog its place is " + paths.directory(namespace) + ". Leave LOCATION out");
    }
    try {
      NativeControl.createNamespace(at(namespace), properties);
    } catch (TableExistsException e) {
      throw because(e, new NamespaceAlreadyExistsException(namespace));
    }
  }

  @Override
  public void alterNamespace(String[] namespace, NamespaceChange... changes) throws NoSuchNamespaceException {
    requireNamespace(namespace);
    Map<String, String> set = new HashMap<>();
    Set<String> remove = new HashSet<>();
    for (NamespaceChange change : changes) {
      if (change instanceof NamespaceChange.SetProperty property) {
        requireChangeable(property.property());
        set.put(property.property(), property.value());
        remove.remove(property.property());
      } else if (change instanceof NamespaceChange.RemoveProperty property) {
        set.remove(property.property());
        remove.add(property.property());
      }
    }
    NativeControl.alterNamespace(at(namespace), set, remove);
  }

  @Override
  public boolean dropNamespace(String[] namespace, boolean cascade)
      throws NoSuchNamespaceException, NonEmptyNamespaceException {
    requireNamespace(namespace);
    try {
      return NativeControl.dropNamespace(at(namespace), cascade);
    } catch (InvalidInputException e) {
      if (e.errorClass().equals("SCHEMA_NOT_EMPTY")) {
        throw because(e, new NonEmptyNamespaceException(namespace));
      }
      throw e;
    }
  }

  // ---- shared

  private NewTable newTable(
      Identifier ident, Column[] columns, Transform[] partitions, Map<String, String> properties) {
    CatalogPaths.Place place = paths.table(ident);
    return NewTable.of(place, storage.to(place.location()), columns, partitions, properties);
  }

  private TableRef ref(CatalogPaths.Place place) {
    return new TableRef(place.name(), storage.to(place.location()));
  }

  private StorageLocation at(String[] namespace) {
    return storage.to(paths.directory(namespace));
  }

  /** The empty namespace exists before its directory does. */
  private DirectoryListing list(String[] namespace) throws NoSuchNamespaceException {
    DirectoryListing listing = NativeControl.listDirectory(at(namespace));
    if (!listing.exists() && namespace.length > 0) {
      throw new NoSuchNamespaceException(namespace);
    }
    return listing;
  }

  /** Spark asks for the namespace of a path too, which needs no warehouse. */
  private NamespaceDescription describe(String[] namespace) {
    return paths.hasWarehouse() ? NativeControl.loadNamespace(at(namespace)) : NamespaceDescription.MISSING;
  }

  private void requireNamespace(String[] namespace) throws NoSuchNamespaceException {
    if (!namespaceExists(namespace)) {
      throw new NoSuchNamespaceException(namespace);
    }
  }

  private static void requireChangeable(String property) {
    if (property.equals(SupportsNamespaces.PROP_LOCATION)) {
      throw Unsupported.operation("change a namespace's location", "its place follows from its name");
    }
  }

  private String tableName(Identifier ident) {
    return paths.table(ident).name();
  }

  private UnsupportedOperationException replacement(Identifier ident) {
    return Unsupported.operation(
        "replace " + tableName(ident),
        "replacing and overwriting tables is not supported yet. Drop the table first, or append to it");
  }

  private static String[] append(String[] parent, String child) {
    String[] path = Arrays.copyOf(parent, parent.length + 1);
    path[parent.length] = child;
    return path;
  }

  /** Spark's exceptions have no constructor that takes a cause. */
  private static <E extends Exception> E because(SluiceException cause, E exception) {
    exception.addSuppressed(cause);
    return exception;
  }
}
