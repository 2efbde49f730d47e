package io.sluice.spark;

import io.sluice.spark.catalog.CatalogPaths;
import io.sluice.spark.catalog.ConstraintCapability;
import io.sluice.spark.catalog.NameErrors;
import io.sluice.spark.catalog.Namespaces;
import io.sluice.spark.catalog.PlacedTables;
import io.sluice.spark.catalog.QualifiedNames;
import io.sluice.spark.catalog.SummedUpTables;
import io.sluice.spark.catalog.TableCreations;
import io.sluice.spark.catalog.TablesLike;
import io.sluice.spark.catalog.WarehousePlaces;
import io.sluice.spark.ddl.Declaration;
import io.sluice.spark.ddl.LocationChange;
import io.sluice.spark.ddl.StagedSparkTable;
import io.sluice.spark.error.Unsupported;
import io.sluice.spark.jni.NativeControl;
import io.sluice.spark.metadata.MetadataTables;
import io.sluice.spark.procedure.ProcedureProvider;
import io.sluice.spark.storage.Location;
import io.sluice.spark.storage.Place;
import io.sluice.spark.storage.StorageAccess;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.catalyst.analysis.NamespaceAlreadyExistsException;
import org.apache.spark.sql.catalyst.analysis.NoSuchNamespaceException;
import org.apache.spark.sql.catalyst.analysis.NoSuchTableException;
import org.apache.spark.sql.catalyst.analysis.NonEmptyNamespaceException;
import org.apache.spark.sql.catalyst.analysis.TableAlreadyExistsException;
import org.apache.spark.sql.connector.catalog.Column;
import org.apache.spark.sql.connector.catalog.Identifier;
import org.apache.spark.sql.connector.catalog.NamespaceChange;
import org.apache.spark.sql.connector.catalog.StagedTable;
import org.apache.spark.sql.connector.catalog.SupportsNamespaces;
import org.apache.spark.sql.connector.catalog.Table;
import org.apache.spark.sql.connector.catalog.TableCatalogCapability;
import org.apache.spark.sql.connector.catalog.TableChange;
import org.apache.spark.sql.connector.expressions.Transform;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/**
 * A Spark catalog of Delta tables in directories: {@code spark.sql.catalog.<name>=io.sluice.spark.SluiceCatalog},
 * with {@code .warehouse} a path or URL. A table lies at {@code <warehouse>/<namespace…>/<table>},
 * or where its LOCATION, or that of its namespace, says; {@code delta.`/path`} and {@code `/path`} name a table anywhere. Options
 * that begin with fs., aws_, azure_ or google_ say how to reach storage.
 *
 * <p>Creating a table creates the directories above it, as object stores do. Failures other than Spark's own
 * exceptions are {@link io.sluice.spark.SluiceThrowable}s.
 */
@SuppressWarnings("deprecation") // Spark 4.0 knows these overloads only; later ones lead to them by default.
public class SluiceCatalog implements SupportsNamespaces, TablesLike, SummedUpTables, ProcedureProvider {
  private static final String WAREHOUSE = "warehouse";

  private CatalogPaths paths;
  private StorageAccess storage;
  private PlacedTables tables;
  private TableCreations creations;
  private Namespaces namespaces;
  private WarehousePlaces places;
  /** The new name that Spark gave last: by the same one it loads the table again if it was cached. */
  private volatile Identifier renamed;

  @Override
  public void initialize(String name, CaseInsensitiveStringMap options) {
    String warehouse = options.get(WAREHOUSE);
    this.paths = new CatalogPaths(name, warehouse == null ? null : Location.of(warehouse));
    this.storage = new StorageAccess(options.asCaseSensitiveMap());
    this.tables = new PlacedTables(storage);
    this.creations = new TableCreations(storage, tables);
    this.namespaces = new Namespaces(paths, storage);
    this.places = new WarehousePlaces(paths, storage, tables, namespaces);
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
    return ConstraintCapability.beside(Set.of(TableCatalogCapability.SUPPORT_COLUMN_DEFAULT_VALUE));
  }

  // ---- tables

  @Override
  public Identifier[] listTables(String[] namespace) throws NoSuchNamespaceException {
    return namespaces.list(namespace).tables().stream()
        .map(table -> Identifier.of(namespace, CatalogPaths.nameOf(table)))
        .toArray(Identifier[]::new);
  }

  @Override
  public boolean isExternal(Identifier ident) {
    return place(ident).external();
  }

  @Override
  public Table loadTable(Identifier written) throws NoSuchTableException {
    return MetadataTables.load(written == renamed ? within(written) : written, this::loadReal);
  }

  /** Most tables lie in the directory of their name, so whether one lies elsewhere is asked last. */
  private Table loadReal(Identifier ident) throws NoSuchTableException {
    requireName(ident);
    Place own = paths.table(ident);
    try {
      return tables.load(ident, own);
    } catch (NoSuchTableException e) {
      Place place = place(ident);
      if (place.equals(own)) {
        throw e;
      }
      return tables.load(ident, place);
    }
  }

  /** The table as it was at a version; it cannot be written. */
  @Override
  public Table loadTable(Identifier ident, String version) throws NoSuchTableException {
    return MetadataTables.load(ident, table -> {
      requireName(table);
      return tables.loadVersion(table, place(table), version);
    });
  }

  /** @param timestamp microseconds since the epoch */
  @Override
  public Table loadTable(Identifier ident, long timestamp) throws NoSuchTableException {
    return MetadataTables.load(ident, table -> {
      requireName(table);
      return tables.loadAt(table, place(table), timestamp);
    });
  }

  @Override
  public boolean tableExists(Identifier ident) {
    return isThere(ident) || MetadataTables.find(ident, this::loadReal).isPresent();
  }

  /** Also of a table that cannot be read, or whose LOCATION is empty: its name is taken, and it can be dropped. */
  private boolean isThere(Identifier ident) {
    if (isNobodys(ident)) {
      return false;
    }
    Place place = place(ident);
    return !place.equals(paths.table(ident)) || tables.exists(place);
  }

  @Override
  public Table createTable(Identifier ident, Column[] columns, Transform[] partitions, Map<String, String> properties)
      throws TableAlreadyExistsException, NoSuchNamespaceException {
    return create(ident, Declaration.of(columns, partitions, properties));
  }

  @Override
  public Table create(Identifier ident, Declaration declared) throws TableAlreadyExistsException {
    Place place = places.newPlace(ident, declared.properties());
    if (!places.isElsewhere(ident, place)) {
      return creations.create(ident, creations.define(place, declared));
    }
    if (!place.external() && tables.find(place).isPresent()) {
      throw NameErrors.tableExists(ident);
    }
    creations.createOrAdopt(ident, place, declared.at(place), places.pointer(ident, place));
    return tables.require(place);
  }

  /** Creates the table together with its first rows, in one commit. */
  @Override
  public StagedTable stageCreate(
      Identifier ident, Column[] columns, Transform[] partitions, Map<String, String> properties)
      throws TableAlreadyExistsException, NoSuchNamespaceException {
    return staged(ident, Declaration.of(columns, partitions, properties));
  }

  @Override
  public StagedTable staged(Identifier ident, Declaration declared) throws TableAlreadyExistsException {
    Place place = places.newPlace(ident, declared.properties());
    return pointing(ident, creations.stageCreate(ident, creations.define(place, declared)), place);
  }

  /** Puts a new table with its first rows in the place of one there is, in one commit. */
  @Override
  public StagedTable stageReplace(
      Identifier ident, Column[] columns, Transform[] partitions, Map<String, String> properties)
      throws NoSuchNamespaceException, NoSuchTableException {
    return stagedReplacement(ident, Declaration.of(columns, partitions, properties));
  }

  @Override
  public StagedTable stagedReplacement(Identifier ident, Declaration declared) throws NoSuchTableException {
    requireName(ident);
    return creations.stageReplace(ident, creations.define(place(ident), declared));
  }

  @Override
  public StagedTable stageCreateOrReplace(
      Identifier ident, Column[] columns, Transform[] partitions, Map<String, String> properties)
      throws NoSuchNamespaceException {
    return stagedCreationOrReplacement(ident, Declaration.of(columns, partitions, properties));
  }

  @Override
  public StagedTable stagedCreationOrReplacement(Identifier ident, Declaration declared) {
    Place there = place(ident);
    boolean isThere = there.external() || places.isElsewhere(ident, there) || tables.find(there).isPresent();
    Place place = isThere ? there : places.wanted(ident, declared.properties());
    StagedSparkTable staged = creations.stageCreateOrReplace(creations.define(place, declared));
    return isThere ? staged : pointing(ident, staged, place);
  }

  /** Deletes the table with its data; of a table at a LOCATION of its own, the name only. */
  @Override
  public boolean dropTable(Identifier ident) {
    boolean isDropped = drop(ident);
    if (!isDropped) {
      MetadataTables.refuse("drop", ident, this::loadReal);
    }
    return isDropped;
  }

  private boolean drop(Identifier ident) {
    if (isNobodys(ident)) {
      return false;
    }
    Place own = paths.table(ident);
    Place place = place(ident);
    if (place.equals(own)) {
      return tables.drop(own);
    }
    if (!place.external()) {
      tables.drop(place);
    }
    return NativeControl.removePointer(storage.to(own.location()));
  }

  /** The same as dropping: there is no trash. */
  @Override
  public boolean purgeTable(Identifier ident) {
    return dropTable(ident);
  }

  /**
   * Moves the table's directory, which is one step on a local file system and refused elsewhere. A new name that begins with
   * another catalog's is an {@link InvalidInputException}, which nothing here declares, as Spark's own interface does not.
   *
   * @param written the new name, which may begin with the catalog's
   */
  @Override
  public void renameTable(Identifier from, Identifier written) throws NoSuchTableException, TableAlreadyExistsException {
    renamed = written;
    QualifiedNames.requireNotElsewhere(paths, from, written, this::namespaceExists);
    Identifier to = within(written);
    if (CatalogPaths.isPath(from) || CatalogPaths.isPath(to)) {
      throw Unsupported.operation("rename " + tableName(from) + " to " + tableName(to),
          "a table named by its path has no other name. Move its directory instead");
    }
    try {
      requireName(from);
      tables.rename(from, paths.table(from), to, paths.table(to));
    } catch (NoSuchTableException e) {
      MetadataTables.refuse("rename", from, this::loadReal);
      throw e;
    }
  }

  /**
   * Applies all changes in one commit.
   *
   * @throws io.sluice.spark.RejectedChangeException if Delta does not allow a change
   */
  @Override
  public Table alterTable(Identifier ident, TableChange... changes) throws NoSuchTableException {
    try {
      return alter(ident, changes);
    } catch (NoSuchTableException e) {
      MetadataTables.refuse("alter", ident, this::loadReal);
      throw e;
    }
  }

  private Table alter(Identifier ident, TableChange... changes) throws NoSuchTableException {
    requireName(ident);
    Place place = place(ident);
    if (CatalogPaths.isPath(ident) && LocationChange.of(changes).isPresent()) {
      throw LocationChange.ofPath(place.name());
    }
    tables.alter(ident, place, changes);
    return tables.load(ident, place);
  }

  // ---- namespaces

  @Override
  public String[][] listNamespaces() throws NoSuchNamespaceException {
    return namespaces.children(new String[0]);
  }

  @Override
  public String[][] listNamespaces(String[] parent) throws NoSuchNamespaceException {
    return namespaces.children(parent);
  }

  @Override
  public boolean namespaceExists(String[] namespace) {
    return namespaces.exists(namespace);
  }

  @Override
  public Map<String, String> loadNamespaceMetadata(String[] namespace) throws NoSuchNamespaceException {
    return namespaces.properties(namespace);
  }

  /** @param metadata LOCATION is where tables of the namespace are created; what names there are is in the warehouse */
  @Override
  public void createNamespace(String[] namespace, Map<String, String> metadata)
      throws NamespaceAlreadyExistsException {
    namespaces.create(namespace, metadata);
  }

  @Override
  public void alterNamespace(String[] namespace, NamespaceChange... changes) throws NoSuchNamespaceException {
    namespaces.alter(namespace, changes);
  }

  /** @throws io.sluice.spark.UnsupportedTableException for the empty namespace, which is the warehouse itself */
  @Override
  public boolean dropNamespace(String[] namespace, boolean cascade)
      throws NonEmptyNamespaceException {
    return namespaces.drop(namespace, cascade, this::dropIfElsewhere);
  }

  /** In the directory of a namespace, tables that lie elsewhere are but names. */
  private void dropIfElsewhere(Identifier ident) {
    if (places.isElsewhere(ident, place(ident))) {
      dropTable(ident);
    }
  }

  // ---- shared

  private Place place(Identifier ident) {
    return places.of(ident);
  }

  private StagedTable pointing(Identifier ident, StagedSparkTable staged, Place place) {
    return places.isElsewhere(ident, place) ? creations.announcing(staged, place, places.pointer(ident, place)) : staged;
  }

  /** A name that no table can have. */
  private static boolean isNobodys(Identifier ident) {
    return !CatalogPaths.isPath(ident) && !CatalogPaths.canName(ident);
  }

  private static void requireName(Identifier ident) throws NoSuchTableException {
    if (isNobodys(ident)) {
      throw NameErrors.noTable(ident);
    }
  }

  private Identifier within(Identifier written) {
    return QualifiedNames.within(name(), written, this::namespaceExists);
  }

  private String tableName(Identifier ident) {
    return paths.table(ident).name();
  }
}
