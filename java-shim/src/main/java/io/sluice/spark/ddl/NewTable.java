package io.sluice.spark.ddl;

import io.sluice.spark.InvalidInputException;
import io.sluice.spark.arrow.ArrowBatchWriter;
import io.sluice.spark.error.Unchecked;
import io.sluice.spark.jni.message.StorageLocation;
import io.sluice.spark.jni.message.TableDefinition;
import io.sluice.spark.jni.message.TableRef;
import io.sluice.spark.session.SessionConf;
import io.sluice.spark.storage.Location;
import io.sluice.spark.storage.Place;
import io.sluice.spark.table.DeltaSchema;
import io.sluice.spark.table.TableLayout;
import io.sluice.spark.table.TableShape;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.connector.catalog.CatalogV2Util;
import org.apache.spark.sql.connector.catalog.Column;
import org.apache.spark.sql.types.StructType;

/** A table that Spark asks to create, checked against Delta's rules and not yet created. */
public record NewTable(Place place, TableRef ref, StructType schema, TableLayout layout, TableDefinition definition) {
  /** @throws InvalidInputException if Delta has no such table, before anything is touched */
  public static NewTable of(Place place, StorageLocation at, Declaration declared) {
    CreateProperties properties = CreateProperties.of(
        place.name(), declared.properties(), SessionConf.startingWith(CreateProperties.sessionDefaultsPrefix()));
    checkLocation(place, properties.location() == null ? place.location() : Location.of(properties.location()));
    checkGenerated(place.name(), declared.columns());
    StructType schema = DeltaSchema.ofNewTable(CatalogV2Util.v2ColumnsToStructType(declared.columns()));
    SchemaRules.check(schema, properties.hasColumnMapping());
    ArrowBatchWriter.checkSupported(schema);
    declared.constraints().forEach(
        (name, sql) -> NewConstraint.check(place.name(), schema, new ConstraintChange.Add(name, sql)));
    VoidColumns.warnOf(place.name(), schema);
    TableLayout layout = TableLayout.of(declared.partitions(), schema);
    TableDefinition definition = new TableDefinition(
        DeltaSchema.json(schema),
        layout.partitionColumns(),
        layout.clusteringColumns(),
        layout.clusteringColumns().isEmpty() ? properties.table() : withoutImplied(properties.table()),
        declared.constraints(),
        properties.comment(),
        !place.external());
    TableRef ref = new TableRef(place.name(), at).withStorage(properties.storage());
    return new NewTable(place, ref, schema, layout, definition);
  }

  /** What Spark is shown of it. */
  TableShape shape() {
    return TableShape.of(place, schema, layout, definition);
  }

  /** CLUSTER BY brings its feature along, also where SHOW CREATE TABLE names that as well. */
  private static Map<String, String> withoutImplied(Map<String, String> properties) {
    Map<String, String> kept = new TreeMap<>(properties);
    kept.keySet().removeIf("delta.feature.clustering"::equalsIgnoreCase);
    return kept;
  }

  /**
   * Checks that a LOCATION is the place that a table's name stands for already.
   *
   * @throws InvalidInputException if it is another
   */
  public static void checkLocation(Place place, Location location) {
    if (!location.equals(place.location())) {
      throw Unchecked.raise(new InvalidInputException(
          place.external() ? "DELTA_CREATE_TABLE_IDENTIFIER_LOCATION_MISMATCH" : "SLUICE_UNSUPPORTED_LOCATION",
          "Cannot create " + place.name() + " at LOCATION " + location + ": in this catalog its place is "
              + place.location() + ". Leave LOCATION out, drop the table that is there first, or create the table by its "
              + "path, as in <catalog>.delta.`" + location + "`",
          null));
    }
  }

  /** Spark refuses these first for a catalog that does not claim them; a caller without Spark's analyzer may not. */
  private static void checkGenerated(String name, Column[] columns) {
    for (Column column : columns) {
      if (column.generationExpression() != null || column.identityColumnSpec() != null) {
        throw Unchecked.raise(new InvalidInputException("DELTA_UNSUPPORTED_FEATURES_FOR_WRITE", "Cannot create " + name
            + " with the generated or identity column " + column.name() + ": compute its values in the query", null));
      }
    }
  }
}
