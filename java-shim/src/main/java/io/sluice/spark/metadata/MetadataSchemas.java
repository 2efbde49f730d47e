package io.sluice.spark.metadata;

import io.sluice.spark.read.Partitions;
import io.sluice.spark.read.ReadTarget;
import io.sluice.spark.types.DefaultCollation;
import java.util.Optional;
import java.util.function.Function;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.NullType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;

/** The columns of metadata tables, explained in docs/metadata-tables.md. Native code fills them by their names. */
public final class MetadataSchemas {
  private static final StructType DELETION_VECTOR = new StructType()
      .add("storage_type", DataTypes.StringType)
      .add("path_or_inline_dv", DataTypes.StringType)
      .add("offset", DataTypes.IntegerType)
      .add("size_in_bytes", DataTypes.IntegerType)
      .add("cardinality", DataTypes.LongType);

  static final StructType TXNS = new StructType()
      .add("app_id", DataTypes.StringType, false, "application that writes")
      .add("version", DataTypes.LongType, false, "its newest transaction")
      .add("last_updated", DataTypes.TimestampType, true, "when that was written");

  static final StructType PROPERTIES = new StructType()
      .add("key", DataTypes.StringType, false, "name of the property")
      .add("value", DataTypes.StringType, true, "its value");

  private static final StructType JOB = new StructType()
      .add("jobId", DataTypes.StringType)
      .add("jobName", DataTypes.StringType)
      .add("jobRunId", DataTypes.StringType)
      .add("runId", DataTypes.StringType)
      .add("jobOwnerId", DataTypes.StringType)
      .add("triggerType", DataTypes.StringType);

  /** As Delta's DESCRIBE HISTORY. */
  public static final StructType HISTORY = new StructType()
      .add("version", DataTypes.LongType)
      .add("timestamp", DataTypes.TimestampType)
      .add("userId", DataTypes.StringType)
      .add("userName", DataTypes.StringType)
      .add("operation", DataTypes.StringType)
      .add("operationParameters", DataTypes.createMapType(DataTypes.StringType, DataTypes.StringType))
      .add("job", JOB)
      .add("notebook", new StructType().add("notebookId", DataTypes.StringType))
      .add("clusterId", DataTypes.StringType)
      .add("readVersion", DataTypes.LongType)
      .add("isolationLevel", DataTypes.StringType)
      .add("isBlindAppend", DataTypes.BooleanType)
      .add("operationMetrics", DataTypes.createMapType(DataTypes.StringType, DataTypes.StringType))
      .add("userMetadata", DataTypes.StringType)
      .add("engineInfo", DataTypes.StringType);

  static final StructType SNAPSHOTS = new StructType()
      .add("version", DataTypes.LongType, false, "which can be read")
      .add("parent_version", DataTypes.LongType, true, "the one before")
      .add("timestamp", DataTypes.TimestampType, false, "when it was committed")
      .add("operation", DataTypes.StringType, true, "what made it")
      .add("summary", DataTypes.createMapType(DataTypes.StringType, DataTypes.StringType), true, "metrics of that");

  private MetadataSchemas() {}

  static StructType files(ReadTarget table) {
    StructType schema = partitioned(
            new StructType().add("path", DataTypes.StringType, false, "as in _metadata.file_path"), table)
        .add("size", DataTypes.LongType, false, "bytes")
        .add("record_count", DataTypes.LongType, true, "rows that are not deleted")
        .add("modification_time", DataTypes.TimestampType, false, "when the file was written")
        .add("deletion_vector", DELETION_VECTOR, true, "which rows are deleted")
        .add("base_row_id", DataTypes.LongType, true, "row id of the first row")
        .add("default_row_commit_version", DataTypes.LongType, true, "version that added the rows")
        .add("clustering_provider", DataTypes.StringType, true, "what has clustered the rows")
        .add("tags", DataTypes.createMapType(DataTypes.StringType, DataTypes.StringType, true), true, "of the file")
        .add("stats", DataTypes.StringType, true, "statistics as the log has them");
    StructType data = dataColumns(table);
    schema = with(schema, "null_counts", leaves(data, MetadataSchemas::counted), "rows in which a column is null");
    StructType bounds = leaves(data, MetadataSchemas::bounded);
    schema = with(schema, "lower_bounds", bounds, "no value is less");
    return with(schema, "upper_bounds", bounds, "no value is greater");
  }

  static StructType partitions(ReadTarget table) {
    return partitioned(new StructType(), table)
        .add("file_count", DataTypes.LongType, false, "data files")
        .add("record_count", DataTypes.LongType, true, "rows that are not deleted")
        .add("size", DataTypes.LongType, false, "bytes of the data files")
        .add("last_modified", DataTypes.TimestampType, false, "when the newest file was written");
  }

  private static StructType partitioned(StructType schema, ReadTarget table) {
    return with(schema, "partition", DefaultCollation.stored(Partitions.schema(table)), "values of the partition columns");
  }

  /** Spark has no use for structs without fields. */
  private static StructType with(StructType schema, String name, StructType type, String comment) {
    return type.isEmpty() ? schema : schema.add(name, type, true, comment);
  }

  private static StructType dataColumns(ReadTarget table) {
    StructType columns = new StructType();
    for (StructField field : table.schema().fields()) {
      if (!table.partitionColumns().contains(field.name())) {
        columns = columns.add(field);
      }
    }
    return columns;
  }

  /** The same fields, as far as their leaves have statistics, of the statistics' types. */
  private static StructType leaves(StructType columns, Function<DataType, Optional<DataType>> statistic) {
    StructType found = new StructType();
    for (StructField field : columns.fields()) {
      DataType type = field.dataType() instanceof StructType nested
          ? leaves(nested, statistic)
          : statistic.apply(field.dataType()).orElse(new StructType());
      if (!(type instanceof StructType nested && nested.isEmpty())) {
        found = found.add(field.name(), type);
      }
    }
    return found;
  }

  private static Optional<DataType> counted(DataType type) {
    return type instanceof NullType ? Optional.empty() : Optional.of(DataTypes.LongType);
  }

  /** Delta has no bounds of other types that could be read as values of them. */
  private static Optional<DataType> bounded(DataType type) {
    if (type instanceof StringType) {
      return Optional.of(DataTypes.StringType);
    }
    boolean isOrdered = type instanceof ByteType || type instanceof ShortType || type instanceof IntegerType
        || type instanceof LongType || type instanceof FloatType || type instanceof DoubleType || type instanceof DecimalType
        || type instanceof DateType || type instanceof TimestampType || type instanceof TimestampNTZType;
    return isOrdered ? Optional.of(type) : Optional.empty();
  }
}
