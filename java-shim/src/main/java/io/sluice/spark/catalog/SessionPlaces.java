package io.sluice.spark.catalog;

import io.sluice.spark.InvalidInputException;
import io.sluice.spark.ddl.NewTable;
import io.sluice.spark.error.Unchecked;
import io.sluice.spark.storage.Location;
import io.sluice.spark.storage.Place;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.catalyst.analysis.TableAlreadyExistsException;
import org.apache.spark.sql.connector.catalog.Identifier;
import org.apache.spark.sql.connector.catalog.TableCatalog;

/** Where the Delta tables of Spark's built-in catalog lie, and its new ones are to: at their path, or where their entry says. */
public final class SessionPlaces {
  private final CatalogPaths paths;
  private final SessionEntries entries;
  private final PlacedTables tables;
  private final TableCreations creations;

  public SessionPlaces(CatalogPaths paths, SessionEntries entries, PlacedTables tables, TableCreations creations) {
    this.paths = paths;
    this.entries = entries;
    this.tables = tables;
    this.creations = creations;
  }

  /** Whether it is a path that names the table; here never without a namespace. */
  public static boolean isPath(Identifier ident) {
    return ident.namespace().length == 1 && CatalogPaths.isPath(ident);
  }

  /** Where the Delta table of that name is; empty if the name is another table's, or nobody's. */
  public Optional<Place> of(Identifier ident) {
    return isPath(ident)
        ? Optional.of(paths.table(ident))
        : entries.find(ident).map(entry -> place(ident, entry.location(), entry.managed()));
  }

  /** A new table's place: its path, its LOCATION, or the one Spark has for its name. */
  public Place newPlace(Identifier ident, Map<String, String> properties) throws TableAlreadyExistsException {
    if (isPath(ident)) {
      return paths.table(ident);
    }
    SessionEntries.requireValidName(ident);
    if (entries.exists(ident)) {
      throw NameErrors.tableExists(ident);
    }
    Optional<Location> location = location(properties);
    boolean managed = location.isEmpty() || isManagedLocation(properties);
    Place place = place(ident, location.orElseGet(() -> entries.defaultLocation(ident)), managed);
    if (managed) {
      creations.requireFree(place);
    }
    return place;
  }

  /** The place of a table that may be replaced by a Delta table, which stays there. */
  public Optional<Place> replaceable(Identifier ident, Map<String, String> properties) {
    String provider = properties.get(TableCatalog.PROP_PROVIDER);
    if (provider != null && !SessionEntries.isDelta(provider)) {
      throw notReplaced(ident, "USING " + provider + ": only Delta tables are replaced in one commit");
    }
    Optional<Place> place = isPath(ident)
        ? Optional.of(paths.table(ident)).filter(path -> tables.find(path).isPresent())
        : of(ident);
    if (place.isEmpty() && entries.exists(ident)) {
      throw notReplaced(ident, "by a Delta table: it is none itself. Drop it first");
    }
    if (place.isPresent() && !isManagedLocation(properties)) {
      NewTable.checkLocation(place.get(), location(properties).orElse(place.get().location()));
    }
    return place;
  }

  /** What registers a table at its place. */
  public TableCreations.Entry entry(Identifier ident, Place place) {
    return new TableCreations.Entry() {
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

  private Place place(Identifier ident, Location location, boolean managed) {
    return new Place(paths.displayName(ident), location, !managed);
  }

  private static Optional<Location> location(Map<String, String> properties) {
    return Optional.ofNullable(properties.getOrDefault(TableCatalog.PROP_LOCATION, properties.get("option.path")))
        .map(Location::of);
  }

  private static boolean isManagedLocation(Map<String, String> properties) {
    return "true".equals(properties.get(TableCatalog.PROP_IS_MANAGED_LOCATION));
  }

  private RuntimeException notReplaced(Identifier ident, String why) {
    return Unchecked.raise(new InvalidInputException(
        "SLUICE_UNSUPPORTED_PROVIDER", "Cannot replace " + paths.displayName(ident) + " " + why, null));
  }
}
