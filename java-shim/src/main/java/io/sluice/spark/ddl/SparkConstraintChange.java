package io.sluice.spark.ddl;

import org.apache.spark.sql.connector.catalog.TableChange;
import org.apache.spark.sql.connector.catalog.constraints.Check;

/** Spark's own changes of constraints; of classes that Spark 4.0 lacks, so not to be loaded there. */
final class SparkConstraintChange {
  private SparkConstraintChange() {}

  static ConstraintChange of(TableChange change) {
    if (change instanceof TableChange.AddConstraint add) {
      Check check = DeclaredConstraints.check(add.constraint());
      return new ConstraintChange.Add(check.name(), check.predicateSql());
    }
    TableChange.DropConstraint drop = (TableChange.DropConstraint) change;
    return new ConstraintChange.Drop(drop.name(), drop.ifExists());
  }
}
