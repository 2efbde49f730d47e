package io.sluice.spark.catalog;

import io.sluice.spark.InvalidInputException;
import io.sluice.spark.TableExistsException;
import io.sluice.spark.ddl.Declaration;
import io.sluice.spark.ddl.DefinitionsDiffer;
import io.sluice.spark.ddl.NewTable;
import io.sluice.spark.ddl.StagedSparkTable;
import io.sluice.spark.error.Unchecked;
import io.sluice.spark.jni.NativeControl;
import io.sluice.spark.jni.message.TableDescription;
import io.sluice.spark.storage.Place;
import io.sluice.spark.storage.StorageAccess;
import io.sluice.spark.table.SparkTable;
import io.sluice.spark.write.EngineInfo;
import java.util.Optional;
import org.apache.spark.sql.catalyst.analysis.NoSuchTableException;
import org.apache.spark.sql.catalyst.analysis.TableAlreadyExistsException;
import org.apache.spark.sql.connector.catalog.Identifier;

/** Tables that are to be at known places: checked, and created at once or with their first rows. */
public final class TableCreations {
  private final StorageAccess storage;
  private final PlacedTables tables;

  /** @param tables that are there */
  public TableCreations(StorageAccess storage, PlacedTables tables) {
    this.storage = storage;
    this.tables = tables;
  }

  /** @throws InvalidInputException if Delta has no such table; nothing is touched yet */
  public NewTable define(Place place, Declaration declared) {
    return NewTable.of(place, storage.to(place.location()), declared);
  }

  /** @throws InvalidInputException if something else lies in a directory of the user's choosing */
  public SparkTable create(Identifier ident, NewTable table) throws TableAlreadyExistsException {
    requireEmpty(table.place());
    try {
      NativeControl.createTable(table.ref(), table.definition(), EngineInfo.current());
      return SparkTable.of(table.place(), table.ref(), NativeControl.describeTable(table.ref()));
    } catch (TableExistsException e) {
      throw NameErrors.because(e, NameErrors.tableExists(ident));
    }
  }

  /**
   * Creates the table where there is none, and takes one that is there already as it is; then makes it known.
   *
   * @param entry of the table's name, which is not its place
   * @throws InvalidInputException if that one has other columns, partitioning or properties than are declared
   */
  public void createOrAdopt(Identifier ident, Place place, Declaration declared, Entry entry)
      throws TableAlreadyExistsException {
    Optional<TableDescription> there = tables.find(place);
    if (there.isEmpty()) {
      create(ident, define(place, declared));
      announce(place, entry);
    } else {
      DefinitionsDiffer.check(place, declared, there.get());
      entry.make();
    }
  }

  public StagedSparkTable stageCreate(Identifier ident, NewTable table) throws TableAlreadyExistsException {
    if (tables.find(table.place()).isPresent()) {
      if (table.place().external() && !CatalogPaths.isPath(ident)) {
        throw nonEmpty(table.place(), "holds a Delta table. Choose another one, or create the table without AS SELECT "
            + "to take that one as it is");
      }
      throw NameErrors.tableExists(ident);
    }
    requireEmpty(table.place());
    return StagedSparkTable.create(table);
  }

  public StagedSparkTable stageReplace(Identifier ident, NewTable table) throws NoSuchTableException {
    TableDescription replaced = tables.find(table.place()).orElseThrow(() -> NameErrors.noTable(ident));
    return StagedSparkTable.replace(table, replaced.version());
  }

  public StagedSparkTable stageCreateOrReplace(NewTable table) {
    Optional<TableDescription> there = tables.find(table.place());
    if (there.isEmpty()) {
      requireEmpty(table.place());
    }
    return StagedSparkTable.createOrReplace(table, there.map(TableDescription::version).orElse(null));
  }

  /**
   * Makes a staged table known once it is there.
   *
   * @param entry of the table's name, which is not its place
   */
  public StagedSparkTable announcing(StagedSparkTable staged, Place place, Entry entry) {
    return staged.afterCommit(() -> announce(place, entry));
  }

  /** The catalog's entry by which a table's name leads to its place. */
  public interface Entry {
    void make();

    boolean exists();
  }

  /** A new table that nobody can name is removed again: nothing is left of a statement that fails. */
  private void announce(Place place, Entry entry) {
    try {
      entry.make();
    } catch (Throwable e) {
      removeUnknown(place, entry, e);
      throw e;
    }
  }

  /** Unless the entry is there in spite of the failure, or others have begun to write to the table. */
  private void removeUnknown(Place place, Entry entry, Throwable failure) {
    try {
      if (!entry.exists() && NativeControl.describeTable(tables.ref(place)).version() == 0) {
        tables.drop(place);
      }
    } catch (RuntimeException e) {
      failure.addSuppressed(e);
    }
  }

  /**
   * Checks that nothing lies at the place of a new table that no one has chosen: with the table it would be dropped, and a
   * table there that has lost its name is not to come back under another one's.
   *
   * @throws InvalidInputException if there is something
   */
  public void requireFree(Place place) {
    if (tables.find(place).isPresent() || !NativeControl.listDirectory(storage.to(place.location())).isEmpty()) {
      throw nonEmpty(place, "is not empty. Empty it, choose another name, or say LOCATION to take a Delta table there as it is");
    }
  }

  /** What lies in a directory of the user's choosing is not taken for a table's, nor removed with it. */
  private void requireEmpty(Place place) {
    boolean isEmpty = !place.external() || NativeControl.listDirectory(storage.to(place.location())).isEmpty();
    if (!isEmpty && tables.find(place).isEmpty()) {
      throw nonEmpty(place, "is not empty and no Delta table. Choose another one, or empty it");
    }
  }

  private static RuntimeException nonEmpty(Place place, String why) {
    return Unchecked.raise(new InvalidInputException("DELTA_CREATE_TABLE_WITH_NON_EMPTY_LOCATION",
        "Cannot create " + place.name() + ": its location " + place.location() + " " + why, null));
  }
}
