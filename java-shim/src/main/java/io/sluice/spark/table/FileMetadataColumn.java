package io.sluice.spark.table;

import org.apache.spark.sql.connector.catalog.MetadataColumn;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * The hidden column {@code _metadata}: the file a row comes from, with the fields of Spark's own file sources and, in
 * tables that track their rows, delta-spark's (Delta protocol, "Row Tracking").
 */
record FileMetadataColumn(StructType dataType) implements MetadataColumn {
  private static final StructType OF_FILES = new StructType()
      .add("file_path", DataTypes.StringType, false)
      .add("file_name", DataTypes.StringType, false)
      .add("file_size", DataTypes.LongType, false)
      .add("file_block_start", DataTypes.LongType, false)
      .add("file_block_length", DataTypes.LongType, false)
      .add("file_modification_time", DataTypes.TimestampType, false)
      .add("row_index", DataTypes.LongType, false);
  private static final StructType WITH_TRACKED_ROWS = OF_FILES
      .add("row_id", DataTypes.LongType)
      .add("base_row_id", DataTypes.LongType)
      .add("default_row_commit_version", DataTypes.LongType)
      .add("row_commit_version", DataTypes.LongType);

  static FileMetadataColumn of(TableShape table) {
    return new FileMetadataColumn(table.tracksRows() ? WITH_TRACKED_ROWS : OF_FILES);
  }

  @Override
  public String name() {
    return "_metadata";
  }

  @Override
  public boolean isNullable() {
    return false;
  }
}
