package io.sluice.spark.procedure;

import io.sluice.spark.jni.NativeControl;
import io.sluice.spark.jni.message.TableDescription;
import io.sluice.spark.jni.message.TableDetail;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.util.QuotingUtils;
import org.apache.spark.sql.connector.catalog.procedures.ProcedureParameter;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** A table in one row: the columns and values of Delta's DESCRIBE DETAIL. */
final class DetailProcedure implements TableProcedure {
  private static final ArrayType TEXTS = DataTypes.createArrayType(DataTypes.StringType);

  private static final StructType OUTPUT = new StructType()
      .add("format", DataTypes.StringType)
      .add("id", DataTypes.StringType)
      .add("name", DataTypes.StringType)
      .add("description", DataTypes.StringType)
      .add("location", DataTypes.StringType)
      .add("createdAt", DataTypes.TimestampType)
      .add("lastModified", DataTypes.TimestampType)
      .add("partitionColumns", TEXTS)
      .add("clusteringColumns", TEXTS)
      .add("numFiles", DataTypes.LongType)
      .add("sizeInBytes", DataTypes.LongType)
      .add("properties", DataTypes.createMapType(DataTypes.StringType, DataTypes.StringType))
      .add("minReaderVersion", DataTypes.IntegerType)
      .add("minWriterVersion", DataTypes.IntegerType)
      .add("tableFeatures", TEXTS);

  @Override
  public String name() {
    return Procedures.DETAIL;
  }

  @Override
  public String description() {
    return "A Delta table: where it lies, how large it is, its properties and its protocol";
  }

  @Override
  public List<ProcedureParameter> parameters() {
    return List.of();
  }

  @Override
  public StructType output() {
    return OUTPUT;
  }

  @Override
  public List<InternalRow> call(TargetTable table, Arguments arguments) {
    TableDetail detail = NativeControl.detail(table.ref());
    TableDescription description = detail.description();
    return List.of(Values.row(
        "delta",
        description.id(),
        table.isNamedByPath() ? description.name() : table.ref().table(),
        description.description(),
        table.location(),
        Values.timestamp(description.createdTime()),
        Values.timestamp(detail.lastModified()),
        description.partitionColumns(),
        description.clusteringColumns().stream().map(DetailProcedure::shown).toList(),
        detail.numFiles(),
        detail.sizeInBytes(),
        description.properties(),
        description.minReaderVersion(),
        description.minWriterVersion(),
        detail.tableFeatures()));
  }

  private static String shown(List<String> path) {
    return path.stream().map(QuotingUtils::quoteIfNeeded).collect(Collectors.joining("."));
  }
}
