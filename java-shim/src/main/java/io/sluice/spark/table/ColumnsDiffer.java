package io.sluice.spark.table;

import io.sluice.spark.jni.InvalidInputException;
import io.sluice.spark.jni.TableDescription;
import org.apache.spark.sql.connector.catalog.CatalogV2Util;
import org.apache.spark.sql.connector.catalog.Column;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/** A table that is registered over data there already must not be declared otherwise than it is. */
public final class ColumnsDiffer {
  private ColumnsDiffer() {}

  /** @throws InvalidInputException ({@code DELTA_CREATE_TABLE_SCHEME_MISMATCH}) if names, order or types differ */
  public static void check(CatalogPaths.Place place, Column[] declared, TableDescription there) {
    StructType wanted = CatalogV2Util.v2ColumnsToStructType(declared);
    StructType found = DeltaSchema.shown(there.schema());
    if (!DataType.equalsStructurally(wanted, found, true) || !sameNames(wanted, found)) {
      throw new InvalidInputException("DELTA_CREATE_TABLE_SCHEME_MISMATCH", "Cannot create " + place.name()
          + " with the columns " + wanted.simpleString() + ": the Delta table at " + place.location() + " has "
          + found.simpleString() + ". Leave the columns out", null);
    }
  }

  private static boolean sameNames(StructType wanted, StructType found) {
    return String.join(",", wanted.fieldNames()).equalsIgnoreCase(String.join(",", found.fieldNames()));
  }
}
