package io.sluice.spark.table;

import io.sluice.spark.constraints.DeclaredConstraints;
import java.util.HashMap;
import java.util.Map;
import org.apache.spark.sql.connector.catalog.Column;
import org.apache.spark.sql.connector.catalog.TableCatalog;
import org.apache.spark.sql.connector.catalog.TableInfo;
import org.apache.spark.sql.connector.expressions.Transform;

/**
 * What a statement says of a new table, as Spark gives it to a catalog.
 *
 * @param constraints SQL expressions of CHECK constraints by name
 */
public record Declaration(
    Column[] columns, Transform[] partitions, Map<String, String> properties, Map<String, String> constraints) {
  /** Of a caller that knows no constraints, as Spark 4.0. */
  public static Declaration of(Column[] columns, Transform[] partitions, Map<String, String> properties) {
    return new Declaration(columns, partitions, properties, Map.of());
  }

  /** @throws UnsupportedOperationException for constraints that no Delta table has */
  public static Declaration of(TableInfo table) {
    return new Declaration(table.columns(), table.partitions(), table.properties(), DeclaredConstraints.of(table));
  }

  /** Of a table that may replace another one. */
  public static Declaration ofReplacement(TableInfo table) {
    return new Declaration(
        table.columns(), table.partitions(), table.properties(), DeclaredConstraints.ofReplacement(table));
  }

  /** The same with a LOCATION, that of {@code place}. */
  public Declaration at(CatalogPaths.Place place) {
    Map<String, String> placed = new HashMap<>(properties);
    placed.put(TableCatalog.PROP_LOCATION, place.location().toString());
    return new Declaration(columns, partitions, placed, constraints);
  }
}
