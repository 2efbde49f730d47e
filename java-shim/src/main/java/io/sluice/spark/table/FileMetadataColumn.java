package io.sluice.spark.table;

import org.apache.spark.sql.connector.catalog.MetadataColumn;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** The hidden column {@code _metadata}: the file a row comes from, with the fields of Spark's own file sources. */
final class FileMetadataColumn implements MetadataColumn {
  private static final StructType TYPE = new StructType()
      .add("file_path", DataTypes.StringType, false)
      .add("file_name", DataTypes.StringType, false)
      .add("file_size", DataTypes.LongType, false)
      .add("file_block_start", DataTypes.LongType, false)
      .add("file_block_length", DataTypes.LongType, false)
      .add("file_modification_time", DataTypes.TimestampType, false)
      .add("row_index", DataTypes.LongType, false);

  @Override
  public String name() {
    return "_metadata";
  }

  @Override
  public DataType dataType() {
    return TYPE;
  }

  @Override
  public boolean isNullable() {
    return false;
  }
}
