package io.sluice.spark.ddl;

import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.types.NullType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Columns of type VOID: Delta has them and Spark reads them, but other readers refuse a table with one. */
final class VoidColumns {
  private static final Logger LOG = LoggerFactory.getLogger(VoidColumns.class);

  private VoidColumns() {}

  /**
   * Warns of such columns before they are a table's.
   *
   * @param columns the new ones
   */
  static void warnOf(String table, StructType columns) {
    List<String> voids = in(columns);
    if (!voids.isEmpty()) {
      LOG.warn("Table {} gets columns of type VOID, {}: readers that are built on the Rust kernel (chdb, duckdb and others) "
          + "refuse such a table. Give them a type, as in CAST(NULL AS STRING)", table, voids);
    }
  }

  /** Names of the columns that are VOID or hold such values. */
  static List<String> in(StructType columns) {
    return Arrays.stream(columns.fields())
        .filter(column -> column.dataType().existsRecursively(type -> type instanceof NullType))
        .map(StructField::name)
        .toList();
  }
}
