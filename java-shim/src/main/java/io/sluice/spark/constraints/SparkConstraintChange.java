package io.sluice.spark.constraints;

import io.sluice.spark.table.Unsupported;
import org.apache.spark.sql.connector.catalog.TableChange;
import org.apache.spark.sql.connector.catalog.constraints.Check;
import org.apache.spark.sql.connector.catalog.constraints.Constraint;

/** Spark's own changes of constraints; of classes that Spark 4.0 lacks, so not to be loaded there. */
final class SparkConstraintChange {
  private SparkConstraintChange() {}

  static ConstraintChange of(TableChange change) {
    if (change instanceof TableChange.AddConstraint add) {
      Check check = check(add.constraint());
      return new ConstraintChange.Add(check.name(), check.predicateSql());
    }
    TableChange.DropConstraint drop = (TableChange.DropConstraint) change;
    return new ConstraintChange.Drop(drop.name(), drop.ifExists());
  }

  private static Check check(Constraint constraint) {
    if (constraint instanceof Check check && check.enforced()) {
      return check;
    }
    throw Unsupported.operation("add the constraint " + constraint.toDDL(),
        "Delta tables have CHECK constraints, and they are always enforced");
  }
}
