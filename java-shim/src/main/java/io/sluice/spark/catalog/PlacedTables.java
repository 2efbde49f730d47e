package io.sluice.spark.catalog;

import io.sluice.spark.CorruptTableException;
import io.sluice.spark.InvalidInputException;
import io.sluice.spark.TableExistsException;
import io.sluice.spark.TableMissingException;
import io.sluice.spark.UnsupportedTableException;
import io.sluice.spark.ddl.AbsentTable;
import io.sluice.spark.ddl.AlterChecks;
import io.sluice.spark.ddl.AlterErrors;
import io.sluice.spark.ddl.Declaration;
import io.sluice.spark.ddl.DefinitionsDiffer;
import io.sluice.spark.ddl.LocationChange;
import io.sluice.spark.ddl.NewTable;
import io.sluice.spark.ddl.TableChanges;
import io.sluice.spark.error.Unchecked;
import io.sluice.spark.jni.NativeControl;
import io.sluice.spark.jni.message.AlterationBasis;
import io.sluice.spark.jni.message.TableDescription;
import io.sluice.spark.jni.message.TableRef;
import io.sluice.spark.read.StatementReads;
import io.sluice.spark.storage.Location;
import io.sluice.spark.storage.Place;
import io.sluice.spark.storage.StorageAccess;
import io.sluice.spark.table.DeltaSchema;
import io.sluice.spark.table.SparkTable;
import io.sluice.spark.table.TimeTravel;
import io.sluice.spark.write.EngineInfo;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToLongFunction;
import org.apache.spark.sql.catalyst.analysis.NoSuchTableException;
import org.apache.spark.sql.catalyst.analysis.TableAlreadyExistsException;
import org.apache.spark.sql.connector.catalog.Identifier;
import org.apache.spark.sql.connector.catalog.Table;
import org.apache.spark.sql.connector.catalog.TableChange;
import org.apache.spark.sql.connector.expressions.Transform;

/** Delta tables at known places: what every catalog of ours does with one that is there, however it finds the place. */
public final class PlacedTables {
  private final StorageAccess storage;

  public PlacedTables(StorageAccess storage) {
    this.storage = storage;
  }

  /**
   * The table at a place; where there is none, the version that a {@link VersionedPath} names, and for a
   * {@link PathIdentifier} one that its first append creates.
   */
  public Table load(Identifier ident, Place place) throws NoSuchTableException {
    TableRef ref = ref(place);
    try {
      return SparkTable.of(place, ref, NativeControl.describeTable(ref));
    } catch (TableMissingException e) {
      Optional<VersionedPath> versioned = versioned(ident, place);
      if (versioned.isPresent()) {
        return versioned.get().load(this, ident);
      } else if (ident instanceof PathIdentifier) {
        return new AbsentTable(place, schema -> NewTable.of(
            place, ref.at(), Declaration.of(AbsentTable.columns(schema), new Transform[0], Map.of())));
      }
      throw NameErrors.because(e, NameErrors.noTable(ident));
    }
  }

  /**
   * The table as it was at a version; it cannot be written.
   *
   * @throws InvalidInputException for a text that is no version
   */
  public SparkTable loadVersion(Identifier ident, Place place, String version) throws NoSuchTableException {
    try {
      long number = TimeTravel.version(place.name(), version);
      return loadPinned(ident, place, table -> number);
    } catch (InvalidInputException e) {
      if (find(place).isEmpty() && versioned(ident, place).isEmpty()) {
        throw NameErrors.because(e, NameErrors.noTable(ident));
      }
      throw Unchecked.raise(e);
    }
  }

  /** The version that was the newest at {@code timestamp}, in microseconds since the epoch; it cannot be written. */
  public SparkTable loadAt(Identifier ident, Place place, long timestamp) throws NoSuchTableException {
    return loadPinned(ident, place, table -> NativeControl.versionAt(table, timestamp));
  }

  private SparkTable loadPinned(Identifier ident, Place place, ToLongFunction<TableRef> version)
      throws NoSuchTableException {
    TableRef ref = ref(place);
    try {
      return SparkTable.pinned(place, ref, NativeControl.describeTable(ref, version.applyAsLong(ref)));
    } catch (TableMissingException e) {
      if (versioned(ident, place).isPresent()) {
        throw TimeTravel.namedTwice(place.name(), e);
      }
      throw NameErrors.because(e, NameErrors.noTable(ident));
    }
  }

  /** The table's path with a version, if there is a table at that path. */
  private Optional<VersionedPath> versioned(Identifier ident, Place place) {
    return VersionedPath.of(ident, place).filter(path -> find(path.table()).isPresent());
  }

  /** The table that was just made or found at a place. */
  public SparkTable require(Place place) {
    TableRef ref = ref(place);
    return SparkTable.of(place, ref, NativeControl.describeTable(ref));
  }

  /** The newest version of the table at a place, if there is one. */
  public Optional<TableDescription> find(Place place) {
    try {
      return Optional.of(NativeControl.describeTable(ref(place)));
    } catch (TableMissingException e) {
      return Optional.empty();
    }
  }

  /** Whether there is a table at a place, be it one that cannot be read. */
  public boolean exists(Place place) {
    try {
      return find(place).isPresent();
    } catch (CorruptTableException | UnsupportedTableException e) {
      return true;
    }
  }

  /**
   * Applies all changes in one commit.
   *
   * @throws io.sluice.spark.RejectedChangeException if Delta does not allow a change
   * @throws org.apache.spark.sql.AnalysisException for a constraint that is there already, or is not
   */
  public void alter(Identifier ident, Place place, TableChange... changes) throws NoSuchTableException {
    TableRef ref = ref(place);
    try {
      AlterationBasis basis = AlterChecks.check(place, ref, changes);
      NativeControl.alterTable(ref, TableChanges.messages(place.name(), changes), basis, EngineInfo.current());
      StatementReads.forgetVersions();
    } catch (TableMissingException e) {
      throw NameErrors.because(e, NameErrors.noTable(ident));
    } catch (InvalidInputException | UnsupportedTableException e) {
      throw Unchecked.raise(AlterErrors.of(e, () -> require(place), changes));
    }
  }

  /**
   * Checks that a table's name may lead to another table, at {@code to}.
   *
   * @throws InvalidInputException if there is none, or it has other columns or partition columns
   */
  public void checkMovable(Place from, Location to) {
    TableDescription there = find(new Place(from.name(), to, true))
        .orElseThrow(() -> LocationChange.toNoTable(from, to));
    TableDescription here = NativeControl.describeTable(ref(from));
    boolean same = DefinitionsDiffer.same(DeltaSchema.shown(here.schema()), DeltaSchema.shown(there.schema()))
        && here.partitionColumns().equals(there.partitionColumns());
    if (!same) {
      throw LocationChange.toOtherColumns(from, to);
    }
  }

  /** Deletes the table with its data; false if there was none. */
  public boolean drop(Place place) {
    return NativeControl.dropTable(ref(place));
  }

  /**
   * Moves a table.
   *
   * @throws UnsupportedTableException if the storage cannot
   */
  public void rename(Identifier from, Place place, Identifier to, Place newPlace)
      throws NoSuchTableException, TableAlreadyExistsException {
    try {
      NativeControl.renameTable(ref(place), storage.to(newPlace.location()));
    } catch (TableMissingException e) {
      throw NameErrors.because(e, NameErrors.noTable(from));
    } catch (TableExistsException e) {
      throw NameErrors.because(e, NameErrors.tableExists(to));
    }
  }

  /** The table at a place as native requests name it. */
  public TableRef ref(Place place) {
    return new TableRef(place.name(), storage.to(place.location()));
  }
}
