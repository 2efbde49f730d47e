package io.sluice.spark;

import io.sluice.spark.catalog.CatalogPaths;
import io.sluice.spark.catalog.ConstraintCapability;
import io.sluice.spark.catalog.DeclaringCatalog;
import io.sluice.spark.catalog.DelegatedStagedTable;
import io.sluice.spark.catalog.NameErrors;
import io.sluice.spark.catalog.PlacedTables;
import io.sluice.spark.catalog.QualifiedNames;
import io.sluice.spark.catalog.SessionEntries;
import io.sluice.spark.ddl.ConstraintChange;
import io.sluice.spark.ddl.Declaration;
import io.sluice.spark.ddl.LocationChange;
import io.sluice.spark.ddl.NewTable;
import io.sluice.spark.ddl.StagedSparkTable;
import io.sluice.spark.error.InvalidInputException;
import io.sluice.spark.error.Unsupported;
import io.sluice.spark.jni.Maintenance;
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
  /** The new name that Spark gave last: by the same one it loads the table again if it was cached. */
  private volatile Identifier renamed;

  @Override
  public void initialize(String name, CaseInsensitiveStringMap options) {
    super.initialize(name, options);
    this.paths = new CatalogPaths(name, null);
    this.tables = new PlacedTables(new StorageAccess(options.asCaseSensitiveMap()));
  }

  @Override
  public Set<TableCatalogCapability> capabilities() {
    return ConstraintCapability.beside(super.capabilities());
  }

  @Override
  public Table loadTable(Identifier written) throws NoSuchTableException {
    Identifier ident = written == renamed ? within(written) : written;
    Optional<Place> place = place(ident);
    return place.isPresent() ? tables.load(ident, place.get()) : super.loadTable(ident);
  }

  @Override
  public Table loadTable(Identifier ident, String version) throws NoSuchTableException {
    Optional<Place> place = place(ident);
    return place.isPresent() ? tables.loadVersion(ident, place.get(), version) : super.loadTable(ident, version);
  }

  /** @param timestamp microseconds since the epoch */
  @Override
  public Table loadTable(Identifier ident, long timestamp) throws NoSuchTableException {
    Optional<Place> place = place(ident);
    return place.isPresent() ? tables.loadAt(ident, place.get(), timestamp) : super.loadTable(ident, timestamp);
  }

  @Override
  public boolean tableExists(Identifier ident) {
    if (isPath(ident)) {
      return tables.exists(paths.table(ident));
    }
    return entries.find(ident).isPresent() || super.tableExists(ident);
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
      return tables.create(ident, define(place, declared));
    }
    tables.createOrAdopt(ident, place, declared.at(place), entry(ident, place));
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
    return registering(ident, tables.stageCreate(ident, table), table.place());
  }

  @Override
  public StagedTable stageReplace(
      Identifier ident, Column[] columns, Transform[] partitions, Map<String, String> properties)
      throws NoSuchNamespaceException, NoSuchTableException {
    return stagedReplacement(ident, Declaration.of(columns, partitions, properties));
  }

  @Override
  public StagedTable stagedReplacement(Identifier ident, Declaration declared) throws NoSuchTableException {
    Place place =
        replaceable(ident, declared.properties()).orElseThrow(() -> NameErrors.noTable(ident));
    return tables.stageReplace(ident, define(place, declared));
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
    Optional<Place> there = replaceable(ident, declared.properties());
    if (there.isPresent()) {
      return tables.stageCreateOrReplace(define(there.get(), declared));
    }
    try {
      Place place = newPlace(ident, declared.properties());
      NewTable table = define(place, declared);
      return registering(ident, tables.stageCreateOrReplace(table), place);
    } catch (TableAlreadyExistsException e) {
      throw new IllegalStateException("Cannot create " + ident + ": another writer has just created it", e);
    }
  }

  @Override
  public Table alterTable(Identifier ident, TableChange... changes) throws NoSuchTableException {
    Optional<Place> place = place(ident);
    if (place.isEmpty()) {
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

  /** Where the Delta table of that name is; empty if the name is another table's, or nobody's. */
  private Optional<Place> place(Identifier ident) {
    return isPath(ident)
        ? Optional.of(paths.table(ident))
        : entries.find(ident).map(entry -> place(ident, entry.location(), entry.managed()));
  }

  private Place place(Identifier ident, Location location, boolean managed) {
    return new Place(paths.displayName(ident), location, !managed);
  }

  private static boolean isPath(Identifier ident) {
    return ident.namespace().length == 1 && CatalogPaths.isPath(ident);
  }

  /** Spark says nothing of a provider that is but the session's default. */
  private boolean isNewDelta(Identifier ident, Map<String, String> properties) {
    return isPath(ident) || SessionEntries.isDelta(
        properties.getOrDefault(TableCatalog.PROP_PROVIDER, SQLConf.get().defaultDataSourceName()));
  }

  /** A new table's place: its path, its LOCATION, or the one Spark has for its name. */
  private Place newPlace(Identifier ident, Map<String, String> properties)
      throws TableAlreadyExistsException, NoSuchNamespaceException {
    if (isPath(ident)) {
      return paths.table(ident);
    }
    if (!namespaceExists(ident.namespace())) {
      throw NameErrors.noNamespace(name(), ident.namespace());
    }
    SessionEntries.requireValidName(ident);
    if (entries.exists(ident)) {
      throw NameErrors.tableExists(ident);
    }
    Optional<Location> location = location(properties);
    boolean managed = location.isEmpty() || isManagedLocation(properties);
    Place place = place(ident, location.orElseGet(() -> entries.defaultLocation(ident)), managed);
    if (managed) {
      tables.requireFree(place);
    }
    return place;
  }

  private static Optional<Location> location(Map<String, String> properties) {
    return Optional.ofNullable(properties.getOrDefault(TableCatalog.PROP_LOCATION, properties.get("option.path")))
        .map(Location::of);
  }

  private static boolean isManagedLocation(Map<String, String> properties) {
    return "true".equals(properties.get(TableCatalog.PROP_IS_MANAGED_LOCATION));
  }

  /** The place of a table that may be replaced by a Delta table, which stays there. */
  private Optional<Place> replaceable(Identifier ident, Map<String, String> properties) {
    String provider = properties.get(TableCatalog.PROP_PROVIDER);
    if (provider != null && !SessionEntries.isDelta(provider)) {
      throw notReplaced(ident, "USING " + provider + ": only Delta tables are replaced in one commit");
    }
    Optional<Place> place = isPath(ident)
        ? Optional.of(paths.table(ident)).filter(path -> tables.find(path).isPresent())
        : place(ident);
    if (place.isEmpty() && entries.exists(ident)) {
      throw notReplaced(ident, "by a Delta table: it is none itself. Drop it first");
    }
    if (place.isPresent() && !isManagedLocation(properties)) {
      NewTable.checkLocation(place.get(), location(properties).orElse(place.get().location()));
    }
    return place;
  }

  private InvalidInputException notReplaced(Identifier ident, String why) {
    return new InvalidInputException(
        "SLUICE_UNSUPPORTED_PROVIDER", "Cannot replace " + paths.displayName(ident) + " " + why, null);
  }

  /** The place is settled, so LOCATION says nothing more. */
  private NewTable define(Place place, Declaration declared) {
    return tables.define(place, declared.at(place));
  }

  private StagedTable registering(Identifier ident, StagedSparkTable staged, Place place) {
    return isPath(ident) ? staged : tables.announcing(staged, place, entry(ident, place));
  }

  private PlacedTables.Entry entry(Identifier ident, Place place) {
    return new PlacedTables.Entry() {
      @Override
      public void make() {
        entries.register(ident, new SessionEntries.Entry(place.location(), !place.external()));
      }

      @Override
      public boolean exists() {
        return entries.exists(ident);
      }
    };
  }

  private Table loaded(Identifier ident) {
    try {
      return loadTable(ident);
    } catch (NoSuchTableException e) {
      throw new IllegalStateException("Cannot load " + ident + ", which has just been created", e);
    }
  }
}
