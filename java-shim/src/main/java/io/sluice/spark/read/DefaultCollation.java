package io.sluice.spark.read;

import java.util.Arrays;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.CharType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.VarcharType;

/**
 * Texts of the collation that all have unless another is said. Spark 4.2 spells it out in JSON for columns that a
 * statement gave it, and for char and varchar; Delta knows these as string.
 */
public final class DefaultCollation {
  private DefaultCollation() {}

  /** The schema with such texts as plain string, char and varchar. */
  public static StructType unsaid(StructType schema) {
    StructField[] fields = Arrays.stream(schema.fields())
        .map(field -> new StructField(field.name(), unsaid(field.dataType()), field.nullable(), field.metadata()))
        .toArray(StructField[]::new);
    return new StructType(fields);
  }

  private static DataType unsaid(DataType type) {
    if (type instanceof StringType text) {
      return text.isUTF8BinaryCollation() ? text(text) : text;
    } else if (type instanceof StructType struct) {
      return unsaid(struct);
    } else if (type instanceof ArrayType array) {
      return new ArrayType(unsaid(array.elementType()), array.containsNull());
    } else if (type instanceof MapType map) {
      return new MapType(unsaid(map.keyType()), unsaid(map.valueType()), map.valueContainsNull());
    }
    return type;
  }

  private static DataType text(StringType type) {
    if (type instanceof CharType text) {
      return DataTypes.createCharType(text.length());
    }
    return type instanceof VarcharType text ? DataTypes.createVarcharType(text.length()) : DataTypes.StringType;
  }
}
