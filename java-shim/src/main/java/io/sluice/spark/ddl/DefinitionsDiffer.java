package io.sluice.spark.ddl;

import io.sluice.spark.InvalidInputException;
import io.sluice.spark.constraints.CheckConstraints;
import io.sluice.spark.error.Unchecked;
import io.sluice.spark.jni.message.TableDescription;
import io.sluice.spark.storage.Place;
import io.sluice.spark.table.DeltaSchema;
import io.sluice.spark.table.TableLayout;
import io.sluice.spark.table.TableShape;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.sql.connector.catalog.CatalogV2Util;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/**
 * A table that is registered over data there already must not be declared otherwise than it is: what the statement
 * tells must be so, what it leaves out is the table's own.
 */
public final class DefinitionsDiffer {
  private DefinitionsDiffer() {}

  /**
   * @throws InvalidInputException ({@code DELTA_CREATE_TABLE_SCHEME_MISMATCH},
   *     {@code DELTA_CREATE_TABLE_WITH_DIFFERENT_PARTITIONING}, {@code DELTA_CREATE_TABLE_WITH_DIFFERENT_CLUSTERING}, {@code DELTA_CREATE_TABLE_WITH_DIFFERENT_PROPERTY})
   */
  public static void check(Place place, Declaration declaration, TableDescription there) {
    if (declaration.columns().length > 0) {
      StructType declared = CatalogV2Util.v2ColumnsToStructType(declaration.columns());
      checkColumns(place, declared, DeltaSchema.shown(there.schema()));
      TableLayout layout = TableLayout.of(declaration.partitions(), declared);
      checkLayout(place, "DELTA_CREATE_TABLE_WITH_DIFFERENT_PARTITIONING", "the partition columns", layout.partitionColumns(), there.partitionColumns());
      checkLayout(place, "DELTA_CREATE_TABLE_WITH_DIFFERENT_CLUSTERING", "the clustering columns", layout.clusteringColumns(), there.clusteringColumns());
    }
    Map<String, String> asked = CreateProperties.of(place.name(), declaration.properties(), Map.of()).table();
    declaration.constraints().forEach((name, sql) -> asked.put(CheckConstraints.property(name), sql));
    checkProperties(place, asked, there.properties());
    checkProtocol(place, asked, there);
  }

  private static void checkColumns(Place place, StructType declared, StructType found) {
    if (!same(declared, found)) {
      throw differs(place, "DELTA_CREATE_TABLE_SCHEME_MISMATCH", "the columns", declared.toDDL(), found.toDDL());
    }
  }

  private static void checkLayout(Place place, String condition, String what, List<?> declared, List<?> found) {
    if (!declared.equals(found)) {
      throw differs(place, condition, what, declared, found);
    }
  }

  private static void checkProperties(
      Place place, Map<String, String> declared, Map<String, String> found) {
    Map<String, String> asked = chosen(declared);
    Map<String, String> own = chosen(found);
    if (!asked.isEmpty() && !asked.equals(own)) {
      throw differs(place, "DELTA_CREATE_TABLE_WITH_DIFFERENT_PROPERTY", "the properties", asked, own);
    }
  }

  private static void checkProtocol(Place place, Map<String, String> asked, TableDescription there) {
    Map<String, String> unmet = new TreeMap<>(asked);
    unmet.entrySet().removeIf(property ->
        !CreateProperties.isProtocol(property.getKey()) || isMet(property.getKey(), property.getValue(), there));
    if (!unmet.isEmpty()) {
      throw differs(place, "DELTA_CREATE_TABLE_WITH_DIFFERENT_PROPERTY", "the protocol", unmet,
          TableShape.protocol(there));
    }
  }

  /** Versions are the least that is asked for; features are supported, or the table does not list them. */
  private static boolean isMet(String key, String value, TableDescription there) {
    for (Map.Entry<String, String> found : TableShape.protocol(there).entrySet()) {
      if (found.getKey().equalsIgnoreCase(key)) {
        return CreateProperties.isFeature(key)
            ? Set.of("supported", "enabled").contains(value.toLowerCase(Locale.ROOT))
            : value.matches("[1-9]") && value.compareTo(found.getValue()) <= 0;
      }
    }
    return false;
  }

  /** What a user chooses of a table's properties; SHOW CREATE TABLE shows its protocol and records of Delta's as well. */
  private static Map<String, String> chosen(Map<String, String> properties) {
    Map<String, String> chosen = new TreeMap<>(properties);
    chosen.keySet().removeIf(key -> CreateProperties.isDerived(key) || CreateProperties.isProtocol(key));
    return chosen;
  }

  /** Names without case, order, types and nullability. */
  public static boolean same(StructType one, StructType other) {
    return DataType.equalsStructurallyByName(one, other, String::equalsIgnoreCase)
        && DataType.equalsStructurally(one, other, false);
  }

  private static RuntimeException differs(
      Place place, String errorClass, String what, Object declared, Object found) {
    return Unchecked.raise(new InvalidInputException(errorClass, "Cannot create " + place.name() + " with " + what + " " + declared
        + ": the Delta table at " + place.location() + " has " + found + ". Leave them out, or declare what is there",
        null));
  }
}
