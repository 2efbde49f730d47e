package io.sluice.spark.catalog;

import io.sluice.spark.jni.NativeControl;
import io.sluice.spark.jni.message.TablePointer;
import io.sluice.spark.storage.Location;
import io.sluice.spark.storage.Place;
import io.sluice.spark.storage.StorageAccess;
import java.util.Map;
import java.util.UUID;
import org.apache.spark.sql.catalyst.analysis.TableAlreadyExistsException;
import org.apache.spark.sql.connector.catalog.Identifier;
import org.apache.spark.sql.connector.catalog.SupportsNamespaces;
import org.apache.spark.sql.connector.catalog.TableCatalog;

/** Where the tables of a warehouse lie, and its new ones are to: in the directory of their name, or where that points to. */
public final class WarehousePlaces {
  private final CatalogPaths paths;
  private final StorageAccess storage;
  private final PlacedTables tables;
  private final Namespaces namespaces;

  public WarehousePlaces(CatalogPaths paths, StorageAccess storage, PlacedTables tables, Namespaces namespaces) {
    this.paths = paths;
    this.storage = storage;
    this.tables = tables;
    this.namespaces = namespaces;
  }

  /** Where the table of that name lies: at its path, where its LOCATION said, or in the directory of its name. */
  public Place of(Identifier ident) {
    Place own = paths.table(ident);
    TablePointer elsewhere = own.external() ? null : NativeControl.tablePointer(storage.to(own.location()));
    return elsewhere == null
        ? own
        : new Place(own.name(), Location.of(elsewhere.location()), !elsewhere.managed());
  }

  /** Whether a table lies neither at its path nor in the directory of its name. */
  public boolean isElsewhere(Identifier ident, Place place) {
    return !paths.table(ident).location().equals(place.location());
  }

  /** Where a new table is to lie. */
  public Place newPlace(Identifier ident, Map<String, String> properties) throws TableAlreadyExistsException {
    Place own = paths.table(ident);
    Place wanted = wanted(ident, properties);
    boolean isTaken = isElsewhere(ident, of(ident));
    if (isTaken || isElsewhere(ident, wanted) && tables.find(own).isPresent()) {
      throw NameErrors.tableExists(ident);
    }
    return wanted;
  }

  /** The same, be there a table of that name or not. */
  public Place wanted(Identifier ident, Map<String, String> properties) {
    Place own = paths.table(ident);
    String location = properties.getOrDefault(
        TableCatalog.PROP_LOCATION, properties.get(TableCatalog.OPTION_PREFIX + "path"));
    if (own.external() || location != null && Location.of(location).equals(own.location())) {
      return own;
    }
    return location == null
        ? new Place(own.name(), defaultLocation(ident, own), false)
        : new Place(own.name(), Location.of(location), true);
  }

  /** In the directory of its name, or in that of the same name where the namespace's LOCATION says. */
  private Location defaultLocation(Identifier ident, Place own) {
    String location = namespaces.describe(ident.namespace()).properties().get(SupportsNamespaces.PROP_LOCATION);
    return location == null ? own.location() : freeLocation(Location.of(location), ident, own.name());
  }

  /** A table that was renamed has left its data in the directory of its old name; the next one of that name lies beside it. */
  private Location freeLocation(Location directory, Identifier ident, String table) {
    Location location = paths.below(directory, ident.name());
    boolean isTaken = tables.find(new Place(table, location, false)).isPresent();
    return isTaken ? paths.below(directory, ident.name() + "-" + UUID.randomUUID()) : location;
  }

  /** What makes the directory of a table's name point to its place. */
  public TableCreations.Entry pointer(Identifier ident, Place place) {
    return new TableCreations.Entry() {
      @Override
      public void make() {
        TablePointer to = new TablePointer(place.location().toString(), !place.external());
        NativeControl.pointTable(tables.ref(paths.table(ident)), to);
      }

      @Override
      public boolean exists() {
        return of(ident).location().equals(place.location());
      }
    };
  }
}
