package io.sluice.spark.table;

import org.apache.spark.sql.connector.catalog.Table;
import org.apache.spark.sql.connector.catalog.constraints.Constraint;

/** A table's constraints, which Spark 4.1 and newer show. Apart from the table, as Spark 4.0 has no such class. */
interface ConstrainedTable extends Table {
  @Override
  default Constraint[] constraints() {
    return ShownConstraints.of(properties());
  }
}
