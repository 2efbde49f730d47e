package io.sluice.spark.ddl;

import io.sluice.spark.storage.Place;
import java.util.HashMap;
import java.util.Map;
import org.apache.spark.sql.connector.catalog.Column;
import org.apache.spark.sql.connector.catalog.TableCatalog;
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

  /** The same with a LOCATION, that of {@code place}. */
  public Declaration at(Place place) {
    Map<String, String> placed = new HashMap<>(properties);
    placed.put(TableCatalog.PROP_LOCATION, place.location().toString());
    return new Declaration(columns, partitions, placed, constraints);
  }
}
