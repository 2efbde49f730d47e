package io.sluice.spark.ddl;

import io.sluice.spark.InvalidInputException;
import io.sluice.spark.constraints.CheckConstraints;
import io.sluice.spark.error.Unchecked;
import io.sluice.spark.jni.NativeControl;
import io.sluice.spark.jni.message.AlterationBasis;
import io.sluice.spark.jni.message.TableDescription;
import io.sluice.spark.jni.message.TableRef;
import io.sluice.spark.storage.Place;
import io.sluice.spark.table.DeltaSchema;
import io.sluice.spark.table.NestedLimits;
import io.sluice.spark.table.SparkTable;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.connector.catalog.TableChange;
import org.apache.spark.sql.types.StructType;

/** What only Spark can tell of an ALTER TABLE beforehand, as it takes rows or SQL expressions to know. */
public final class AlterChecks {
  private AlterChecks() {}

  /**
   * @return what was looked at, or null if there was nothing to look at
   * @throws io.sluice.spark.SluiceThrowable if a change would lose the length of a nested CHAR or VARCHAR, if rows violate a new constraint, or a constraint speaks of a column to be
   *     changed ({@code DELTA_CONSTRAINT_DEPENDENT_COLUMN_CHANGE})
   */
  public static AlterationBasis check(Place place, TableRef ref, TableChange... changes) {
    checkLimits(place, ref, changes);
    List<ConstraintChange.Add> added = Arrays.stream(changes)
        .map(ConstraintChange::of)
        .flatMap(Optional::stream)
        .filter(ConstraintChange.Add.class::isInstance)
        .map(ConstraintChange.Add.class::cast)
        .toList();
    List<TableChange.ColumnChange> columns = Arrays.stream(changes)
        .filter(AlterChecks::mayBreakConstraints)
        .map(TableChange.ColumnChange.class::cast)
        .toList();
    if (added.isEmpty() && columns.isEmpty()) {
      return null;
    }
    TableDescription table = NativeControl.describeTable(ref);
    Map<String, String> constraints = CheckConstraints.of(table.properties());
    columns.stream()
        .filter(change -> !isKept(change, table, changes))
        .forEach(change -> checkIndependent(place, List.of(change.fieldNames()), constraints));
    if (!added.isEmpty() && table.writeRefusal() == null) {
      SparkTable rows = SparkTable.pinned(place, ref, table);
      added.stream()
          .filter(constraint -> !isTaken(constraint.name(), constraints)) // which is an error, and native code's to tell
          .forEach(constraint -> NewConstraint.check(rows, constraint));
    }
    return new AlterationBasis(table.version(), table.id(), constraints);
  }

  /** Of columns within others. */
  private static void checkLimits(Place place, TableRef ref, TableChange... changes) {
    List<TableChange.ColumnChange> nested = Arrays.stream(changes)
        .filter(TableChange.ColumnChange.class::isInstance)
        .map(TableChange.ColumnChange.class::cast)
        .filter(change -> change.fieldNames().length > 1)
        .toList();
    if (!nested.isEmpty()) {
      StructType schema = DeltaSchema.shown(NativeControl.describeTable(ref).schema());
      nested.forEach(change -> NestedLimits.check(place.name(), schema, change));
    }
  }

  private static boolean isTaken(String name, Map<String, String> constraints) {
    return constraints.keySet().stream().anyMatch(name::equalsIgnoreCase);
  }

  /** REPLACE COLUMNS drops a column and adds it again, by which it stays. */
  private static boolean isKept(TableChange.ColumnChange dropped, TableDescription table, TableChange... changes) {
    if (!(dropped instanceof TableChange.DeleteColumn) || dropped.fieldNames().length > 1) {
      return false;
    }
    String name = dropped.fieldNames()[0];
    StructType schema = DeltaSchema.shown(table.schema());
    return schema.getFieldIndex(name).isDefined() && Arrays.stream(changes)
        .anyMatch(change -> change instanceof TableChange.AddColumn added && added.fieldNames()[0].equalsIgnoreCase(name)
            && added.dataType().equals(schema.apply(name).dataType()));
  }

  private static boolean mayBreakConstraints(TableChange change) {
    return change instanceof TableChange.RenameColumn || change instanceof TableChange.DeleteColumn
        || change instanceof TableChange.UpdateColumnType;
  }

  private static void checkIndependent(Place place, List<String> column, Map<String, String> constraints) {
    List<String> dependents = Dependents.on(column, constraints);
    if (!dependents.isEmpty()) {
      throw Unchecked.raise(new InvalidInputException("DELTA_CONSTRAINT_DEPENDENT_COLUMN_CHANGE", "Cannot alter column "
          + String.join(".", column) + " of table " + place.name() + ": it is used by the CHECK constraint "
          + String.join(", ", dependents) + ". Drop the constraint first", null));
    }
  }
}
