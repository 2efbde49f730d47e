package io.sluice.spark.columnar;

import java.time.LocalDate;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Columns of Parquet files whose types and values mean the same to Spark and to native code, whatever else is said of them. */
final class PlainTypes {
  private static final Set<DataType> LEAVES = Set.of(DataTypes.BooleanType, DataTypes.ByteType, DataTypes.ShortType,
      DataTypes.IntegerType, DataTypes.LongType, DataTypes.FloatType, DataTypes.DoubleType, DataTypes.StringType,
      DataTypes.BinaryType, DataTypes.DateType, DataTypes.TimestampType, DataTypes.TimestampNTZType);
  private static final Set<DataType> PARTITIONS = Set.of(DataTypes.BooleanType, DataTypes.ByteType, DataTypes.ShortType,
      DataTypes.IntegerType, DataTypes.LongType, DataTypes.StringType, DataTypes.DateType);
  /** What a field's metadata may say of where its values are, or of what they are. */
  private static final Set<String> SPECIAL = Set.of(
      "EXISTS_DEFAULT", "__VARIANT_METADATA_KEY", "__metadata_col", "__file_source_metadata_col", "parquet.field.id");
  private static final int LAST_YEAR = 9999;

  private PlainTypes() {}

  /** Whether all fields can be columns of plain files. */
  static boolean areColumns(StructType schema) {
    return areNamesDistinct(schema) && Arrays.stream(schema.fields()).allMatch(field -> !isSpecial(field) && isColumn(field.dataType()));
  }

  /** Whether all fields can be told by directories. */
  static boolean arePartitions(StructType schema) {
    return areNamesDistinct(schema) && Arrays.stream(schema.fields()).allMatch(field -> PARTITIONS.contains(field.dataType()));
  }

  /** A partition's value, which is not null, as Delta writes it (Delta protocol, "Partition Value Serialization"); null if it cannot. */
  static String text(Object value, DataType type) {
    if (type instanceof DateType) {
      LocalDate date = LocalDate.ofEpochDay((Integer) value);
      return date.getYear() < 1 || date.getYear() > LAST_YEAR ? null : date.toString();
    }
    // An empty text would be null.
    String text = value.toString();
    return text.isEmpty() ? null : text;
  }

  private static boolean isColumn(DataType type) {
    if (type instanceof StructType struct) {
      return struct.length() > 0 && areColumns(struct);
    } else if (type instanceof ArrayType array) {
      return isColumn(array.elementType());
    } else if (type instanceof MapType map) {
      return isColumn(map.keyType()) && isColumn(map.valueType());
    }
    return type instanceof DecimalType || LEAVES.contains(type);
  }

  private static boolean areNamesDistinct(StructType schema) {
    Set<String> names = new HashSet<>();
    return Arrays.stream(schema.fieldNames()).allMatch(name -> names.add(name.toLowerCase(Locale.ROOT)));
  }

  private static boolean isSpecial(StructField field) {
    return SPECIAL.stream().anyMatch(field.metadata()::contains);
  }
}
