package io.sluice.spark.table;

import io.sluice.spark.read.RowIds;
import java.util.stream.Stream;
import org.apache.spark.sql.connector.catalog.MetadataColumn;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;

/** Spark's {@code MetadataColumn}: one of those by which statements name the rows that they change. */
record RowIdColumn(String name, boolean isNullable) implements MetadataColumn {
  static Stream<MetadataColumn> of(TableShape table) {
    Stream<MetadataColumn> ids = RowIds.COLUMNS.stream().map(name -> new RowIdColumn(name, false));
    return table.tracksRows() ? Stream.concat(ids, Stream.of(new RowIdColumn(RowIds.TRACKED, true))) : ids;
  }

  @Override
  public DataType dataType() {
    return DataTypes.LongType;
  }
}
