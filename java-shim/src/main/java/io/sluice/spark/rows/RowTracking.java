package io.sluice.spark.rows;

import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;

/** Tables whose rows have ids, which they keep when they are written anew (Delta protocol, "Row Tracking"). */
final class RowTracking {
  private static final String ENABLED = "delta.enableRowTracking";
  private static final String ID = "delta.rowTracking.materializedRowIdColumnName";
  private static final String COMMIT_VERSION = "delta.rowTracking.materializedRowCommitVersionColumnName";

  private RowTracking() {}

  static boolean isOn(Map<String, String> properties) {
    return Boolean.parseBoolean(properties.get(ENABLED));
  }

  /** Where files of such a table keep ids and commit versions that are not of the file; none for another table. */
  static StructField[] columns(Map<String, String> properties) {
    return isOn(properties)
        ? Stream.of(ID, COMMIT_VERSION)
            .map(name -> new StructField(properties.get(name), DataTypes.LongType, true, Metadata.empty()))
            .toArray(StructField[]::new)
        : new StructField[0];
  }
}
