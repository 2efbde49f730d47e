package io.sluice.spark.ddl;

import io.sluice.spark.InvalidInputException;
import io.sluice.spark.RejectedChangeException;
import io.sluice.spark.error.Unchecked;
import io.sluice.spark.storage.Location;
import io.sluice.spark.storage.Place;
import java.util.Optional;
import org.apache.spark.sql.connector.catalog.TableCatalog;
import org.apache.spark.sql.connector.catalog.TableChange;

/** ALTER TABLE … SET LOCATION, which is about a catalog's entry and not about the table. */
public final class LocationChange {
  private LocationChange() {}

  /** The new location, if that is what the statement is about. */
  public static Optional<Location> of(TableChange... changes) {
    return changes.length == 1 && changes[0] instanceof TableChange.SetProperty set
            && set.property().equals(TableCatalog.PROP_LOCATION)
        ? Optional.of(Location.of(set.value()))
        : Optional.empty();
  }

  /** @param table its name */
  public static RejectedChangeException ofPath(String table) {
    return new RejectedChangeException("DELTA_CANNOT_SET_LOCATION_ON_PATH_IDENTIFIER", "Cannot set the location of "
        + table + ": a table named by its path has no other place. Use the path of the other table", null);
  }

  public static RuntimeException toOtherColumns(Place from, Location to) {
    return Unchecked.raise(new InvalidInputException("DELTA_SET_LOCATION_SCHEMA_MISMATCH", "Cannot set the location of " + from.name()
        + " to " + to + ": the table there has other columns or partition columns. Register it under another name",
        null));
  }

  public static RuntimeException toNoTable(Place from, Location to) {
    return Unchecked.raise(new InvalidInputException("DELTA_MISSING_DELTA_TABLE", "Cannot set the location of " + from.name() + " to "
        + to + ": there is no Delta table. Create it first", null));
  }
}
