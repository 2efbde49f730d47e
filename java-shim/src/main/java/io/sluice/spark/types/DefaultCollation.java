package io.sluice.spark.types;

import org.apache.spark.sql.types.CharType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StringType;
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
    return LeafTypes.map(schema, DefaultCollation::unsaid);
  }

  /** The schema as values are stored: char and varchar are strings, too, whether the session shows them or not. */
  public static StructType stored(StructType schema) {
    return LeafTypes.map(schema, type -> type instanceof CharType || type instanceof VarcharType ? DataTypes.StringType : unsaid(type));
  }

  private static DataType unsaid(DataType type) {
    return type instanceof StringType text && text.isUTF8BinaryCollation() ? plain(text) : type;
  }

  private static DataType plain(StringType type) {
    if (type instanceof CharType text) {
      return DataTypes.createCharType(text.length());
    }
    return type instanceof VarcharType text ? DataTypes.createVarcharType(text.length()) : DataTypes.StringType;
  }
}
