package io.sluice.spark;

import io.sluice.spark.catalog.CatalogPaths;
import io.sluice.spark.catalog.ConstraintCapability;
import io.sluice.spark.catalog.DeclaringCatalog;
import io.sluice.spark.catalog.DelegatedStagedTable;
import io.sluice.spark.catalog.NameErrors;
import io.sluice.spark.catalog.PlacedTables;
import io.sluice.spark.catalog.QualifiedNames;
import io.sluice.spark.catalog.SessionEntries;
import io.sluice.spark.catalog.SessionPlaces;
import io.sluice.spark.catalog.TableCreations;
import io.sluice.spark.ddl.ConstraintChange;
import io.sluice.spark.ddl.Declaration;
import io.sluice.spark.ddl.LocationChange;
import io.sluice.spark.ddl.NewTable;
import io.sluice.spark.ddl.StagedSparkTable;
import io.sluice.spark.error.Unsupported;
import io.sluice.spark.jni.Maintenance;
import io.sluice.spark.metadata.MetadataTables;
import io.sluice.spark.procedure.ProcedureProvider;
import io.sluice.spark.storage.Location;
import io.sluice.spark.storage.Place;
import io.sluice.spark.storage.StorageAccess;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.catalyst.analysis.NoSuchNamespaceException;
import org.apache.spark.sql.catalyst.analysis.NoSuchTableException;
import org.apache.spark.sql.catalyst.analysis.NonEmptyNamespaceException;
import org.apache.spark.sql.catalyst.analysis.TableAlreadyExistsException;
import org.apache.spark.sql.connector.catalog.Column;
import org.apache.spark.sql.connector.catalog.DelegatingCatalogExtension;
import org.apache.spark.sql.connector.catalog.Identifier;
import org.apache.spark.sql.connector.catalog.StagedTable;
import org.apache.spark.sql.connector.catalog.Table;
import org.apache.spark.sql.connector.catalog.TableCatalog;
import org.apache.spark.sql.connector.catalog.TableCatalogCapability;
import org.apache.spark.sql.connector.catalog.TableChange;
import org.apache.spark.sql.connector.expressions.Transform;
import org.apache.spark.sql.internal.SQLConf;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/**
 * Spark's built-in catalog with native Delta tables:
 * {@code spark.sql.catalog.spark_catalog=io.sluice.spark.SluiceSessionCatalog}. Tables that were registered with
 * provider {@code delta}, by whomever, are loaded natively, and those created here are registered the way Delta does, so
 * that its own connector finds them. Tables by path are {@code delta.`/path`}. Everything else is Spark's.
 */
@SuppressWarnings("deprecation") // Spark 4.0 knows these overloads only; later ones lead to them by default.
public class SluiceSessionCatalog extends DelegatingCatalogExtension implements DeclaringCatalog, ProcedureProvider {
  private final SessionEntries entries = new SessionEntries();
  private CatalogPaths paths;
  private PlacedTables tables;
  private TableCreations creations;
  private SessionPlaces places;
  /** The new name that Spark gave last: by the same one it loads the table again if it was cached. */
  private volatile Identifier renamed;

  @Override
  public void initialize(String name, CaseInsensitiveStringMap options) {
    super.initialize(name, options);
    this.paths = new CatalogPaths(name, null);
    StorageAccess storage = new StorageAccess(options.asCaseSensitiveMap());
    this.tables = new PlacedTables(storage);
    this.creations = new TableCreations(storage, tables);
    this.places = new SessionPlaces(paths, entries, tables, creations);
  }

  @Override
  public Set<TableCatalogCapability> capabilities() {
    return ConstraintCapability.beside(super.capabilities());
  }

  @Override
  public Table loadTable(Identifier written) throws NoSuchTableException {
    Identifier ident = written == renamed ? within(written) : written;
    Optional<Place> place = place(ident);
    if (place.isPresent()) {
      return tables.load(ident, place.get());
    }
    Optional<Table> metadata = metadata(ident, this::loadTable);
    return metadata.isPresent() ? metadata.get() : super.loadTable(ident);
  }

  @Override
  public Table loadTable(Identifier ident, String version) throws NoSuchTableException {
    Optional<Place> place = place(ident);
    if (place.isPresent()) {
      return tables.loadVersion(ident, place.get(), version);
    }
    Optional<Table> metadata = metadata(ident, table -> loadTable(table, version));
    return metadata.isPresent() ? metadata.get() : super.loadTable(ident, version);
  }

  /** @param timestamp microseconds since the epoch */
  @Override
  public Table loadTable(Identifier ident, long timestamp) throws NoSuchTableException {
    Optional<Place> place = place(ident);
    if (place.isPresent()) {
      return tables.loadAt(ident, place.get(), timestamp);
    }
    Optional<Table> metadata = metadata(ident, table -> loadTable(table, timestamp));
    return metadata.isPresent() ? metadata.get() : super.loadTable(ident, timestamp);
  }

  @Override
  public boolean tableExists(Identifier ident) {
    if (isPath(ident)) {
      return tables.exists(paths.table(ident));
    }
    return entries.find(ident).isPresent() || metadata(ident, this::loadTable).isPresent() || super.tableExists(ident);
  }

  /** No table of the session's has a namespace of two parts, which a table with a metadata table behind it is. */
  private static Optional<Table> metadata(Identifier ident, MetadataTables.Loader loader) {
    boolean isNoTable = ident.namespace().length == 2;
    return isNoTable ? MetadataTables.find(ident, loader) : Optional.empty();
  }

  @Override
  public Table createTable(Identifier ident, Column[] columns, Transform[] partitions, Map<String, String> properties)
      throws TableAlreadyExistsException, NoSuchNamespaceException {
    return create(ident, Declaration.of(columns, partitions, properties));
  }

  @Override
  public Table create(Identifier ident, Declaration declared)
      throws TableAlreadyExistsException, NoSuchNamespaceException {
    if (!isNewDelta(ident, declared.properties())) {
      return createOther(ident, declared);
    }
    Place place = newPlace(ident, declared.properties());
    if (isPath(ident)) {
      return creations.create(ident, define(place, declared));
    }
    creations.createOrAdopt(ident, place, declared.at(place), places.entry(ident, place));
    return loaded(ident);
  }

  private Table createOther(Identifier ident, Declaration declared)
      throws TableAlreadyExistsException, NoSuchNamespaceException {
    if (!declared.constraints().isEmpty()) {
      throw Unsupported.operation("create " + ident + " with the constraints " + declared.constraints().keySet(),
          "it is to be no Delta table. Say USING delta, or leave them out");
    }
    return super.createTable(ident, declared.columns(), declared.partitions(), declared.properties());
  }

  @Override
  public StagedTable stageCreate(
      Identifier ident, Column[] columns, Transform[] partitions, Map<String, String> properties)
      throws TableAlreadyExistsException, NoSuchNamespaceException {
    return staged(ident, Declaration.of(columns, partitions, properties));
  }

  @Override
  public StagedTable staged(Identifier ident, Declaration declared)
      throws TableAlreadyExistsException, NoSuchNamespaceException {
    if (!isNewDelta(ident, declared.properties())) {
      createOther(ident, declared);
      return new DelegatedStagedTable(this, ident, loaded(ident));
    }
    NewTable table = define(newPlace(ident, declared.properties()), declared);
    return registering(ident, creations.stageCreate(ident, table), table.place());
  }

  @Override
  public StagedTable stageReplace(
      Identifier ident, Column[] columns, Transform[] partitions, Map<String, String> properties)
      throws NoSuchNamespaceException, NoSuchTableException {
    return stagedReplacement(ident, Declaration.of(columns, partitions, properties));
  }

  @Override
  public StagedTable stagedReplacement(Identifier ident, Declaration declared) throws NoSuchTableException {
    Place place = places.replaceable(ident, declared.properties()).orElseThrow(() -> NameErrors.noTable(ident));
    return creations.stageReplace(ident, define(place, declared));
  }

  @Override
  public StagedTable stageCreateOrReplace(
      Identifier ident, Column[] columns, Transform[] partitions, Map<String, String> properties)
      throws NoSuchNamespaceException {
    return stagedCreationOrReplacement(ident, Declaration.of(columns, partitions, properties));
  }

  @Override
  public StagedTable stagedCreationOrReplacement(Identifier ident, Declaration declared)
      throws NoSuchNamespaceException {
    Optional<Place> there = places.replaceable(ident, declared.properties());
    if (there.isPresent()) {
      return creations.stageCreateOrReplace(define(there.get(), declared));
    }
    try {
      Place place = newPlace(ident, declared.properties());
      NewTable table = define(place, declared);
      return registering(ident, creations.stageCreateOrReplace(table), place);
    } catch (TableAlreadyExistsException e) {
      throw new ConflictException("DELTA_CONCURRENT_WRITE",
          "Cannot create " + paths.displayName(ident) + ": another writer has just created it. Run the statement again", e);
    }
  }

  @Override
  public Table alterTable(Identifier ident, TableChange... changes) throws NoSuchTableException {
    Optional<Place> place = place(ident);
    if (place.isEmpty()) {
      refuseMetadata("alter", ident);
      if (Arrays.stream(changes).anyMatch(change -> ConstraintChange.of(change).isPresent())) {
        throw Unsupported.operation("add or drop a constraint of " + ident,
            "it is no Delta table, and its provider has no constraints");
      }
      return super.alterTable(ident, changes);
    }
    Optional<Location> location = LocationChange.of(changes);
    if (location.isPresent()) {
      return setLocation(ident, place.get(), location.get());
    }
    tables.alter(ident, place.get(), changes);
    return tables.load(ident, place.get());
  }

  /** From now on the name leads to another table; that of before stays where it is. */
  private Table setLocation(Identifier ident, Place place, Location location)
      throws NoSuchTableException {
    if (isPath(ident)) {
      throw LocationChange.ofPath(place.name());
    }
    tables.checkMovable(place, location);
    entries.setLocation(ident, location);
    return loadTable(ident);
  }

  @Override
  public boolean dropTable(Identifier ident) {
    return drop(ident, false);
  }

  @Override
  public boolean purgeTable(Identifier ident) {
    return drop(ident, true);
  }

  /** @param written the new name, which may begin with the catalog's */
  @Override
  public void renameTable(Identifier from, Identifier written) throws NoSuchTableException, TableAlreadyExistsException {
    refuseMetadata("rename", from);
    renamed = written;
    Identifier to = within(written);
    boolean isPossible = to.namespace().length == 1;
    if (!isPossible || entries.find(from).isEmpty()) {
      super.renameTable(from, to);
      return;
    }
    if (entries.exists(to)) {
      throw NameErrors.tableExists(to);
    }
    Maintenance.await();
    entries.rename(from, to);
  }

  /** With CASCADE, Spark deletes the tables' directories itself. */
  @Override
  public boolean dropNamespace(String[] namespace, boolean cascade)
      throws NoSuchNamespaceException, NonEmptyNamespaceException {
    Maintenance.await();
    return super.dropNamespace(namespace, cascade);
  }

  // ---- shared

  private Identifier within(Identifier written) {
    return QualifiedNames.within(name(), written, this::namespaceExists);
  }

  private boolean drop(Identifier ident, boolean purge) {
    if (isPath(ident)) {
      return tables.drop(paths.table(ident));
    }
    if (entries.find(ident).isPresent()) {
      Maintenance.await();
      entries.drop(ident, purge);
      return true;
    }
    return purge ? super.purgeTable(ident) : super.dropTable(ident);
  }

  private void refuseMetadata(String what, Identifier ident) {
    if (ident.namespace().length == 2) {
      MetadataTables.refuse(what, ident, this::loadTable);
    }
  }

  private Optional<Place> place(Identifier ident) {
    return places.of(ident);
  }

  private static boolean isPath(Identifier ident) {
    return SessionPlaces.isPath(ident);
  }

  /** Spark says nothing of a provider that is but the session's default. */
  private boolean isNewDelta(Identifier ident, Map<String, String> properties) {
    return isPath(ident) || SessionEntries.isDelta(
        properties.getOrDefault(TableCatalog.PROP_PROVIDER, SQLConf.get().defaultDataSourceName()));
  }

  private Place newPlace(Identifier ident, Map<String, String> properties)
      throws TableAlreadyExistsException, NoSuchNamespaceException {
    if (!isPath(ident) && !namespaceExists(ident.namespace())) {
      throw NameErrors.noNamespace(name(), ident.namespace());
    }
    return places.newPlace(ident, properties);
  }

  /** The place is settled, so LOCATION says nothing more. */
  private NewTable define(Place place, Declaration declared) {
    return creations.define(place, declared.at(place));
  }

  private StagedTable registering(Identifier ident, StagedSparkTable staged, Place place) {
    return isPath(ident) ? staged : creations.announcing(staged, place, places.entry(ident, place));
  }

  private Table loaded(Identifier ident) {
    try {
      return loadTable(ident);
    } catch (NoSuchTableException e) {
      throw new TableMissingException("DELTA_TABLE_NOT_FOUND", "Cannot load " + paths.displayName(ident)
          + ", which has just been created: another writer has dropped it. Run the statement again", e);
    }
  }
}
