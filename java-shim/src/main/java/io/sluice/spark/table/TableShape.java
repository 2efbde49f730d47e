package io.sluice.spark.table;

import io.sluice.spark.jni.message.TableDefinition;
import io.sluice.spark.jni.message.TableDescription;
import io.sluice.spark.storage.Place;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.connector.catalog.TableCatalog;
import org.apache.spark.sql.connector.expressions.Transform;
import org.apache.spark.sql.types.StructType;

/** What Spark is shown of a table: columns, layout, properties. */
public record TableShape(StructType schema, TableLayout layout, Map<String, String> properties) {
  static TableShape of(Place place, TableDescription table) {
    Map<String, String> properties = properties(place, table.properties(), table.description());
    properties.putAll(protocol(table));
    TableLayout layout = new TableLayout(table.partitionColumns(), table.clustered(), table.clusteringColumns());
    return new TableShape(DeltaSchema.shown(table.schema()), layout, properties);
  }

  /** A table's protocol as properties say it. */
  public static Map<String, String> protocol(TableDescription table) {
    Map<String, String> protocol = new TreeMap<>();
    protocol.put("delta.minReaderVersion", Integer.toString(table.minReaderVersion()));
    protocol.put("delta.minWriterVersion", Integer.toString(table.minWriterVersion()));
    table.readerFeatures().forEach(feature -> protocol.put("delta.feature." + feature, "supported"));
    table.writerFeatures().forEach(feature -> protocol.put("delta.feature." + feature, "supported"));
    return protocol;
  }

  /** Of a table that is yet to be created. */
  public static TableShape of(Place place, StructType schema, TableLayout layout, TableDefinition definition) {
    return new TableShape(schema, layout, properties(place, definition.properties(), definition.description()));
  }

  Transform[] partitioning() {
    return layout.transforms();
  }

  List<String> partitionColumns() {
    return layout.partitionColumns();
  }

  /** Whether rows have ids and commit versions (Delta protocol, "Row Tracking"). */
  boolean tracksRows() {
    return Boolean.parseBoolean(properties.get("delta.enableRowTracking"));
  }

  private static Map<String, String> properties(Place place, Map<String, String> own, String description) {
    Map<String, String> properties = new TreeMap<>(own);
    properties.put(TableCatalog.PROP_PROVIDER, "delta");
    properties.put(TableCatalog.PROP_LOCATION, place.location().toString());
    properties.put(place.external() ? TableCatalog.PROP_EXTERNAL : TableCatalog.PROP_IS_MANAGED_LOCATION, "true");
    if (description != null) {
      properties.put(TableCatalog.PROP_COMMENT, description);
    }
    return properties;
  }
}
