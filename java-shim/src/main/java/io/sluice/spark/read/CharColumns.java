package io.sluice.spark.read;

import io.sluice.spark.types.LeafTypes;
import java.util.Arrays;
import org.apache.spark.sql.connector.expressions.NamedReference;
import org.apache.spark.sql.connector.expressions.filter.Predicate;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.CharType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * CHAR columns, whose values Spark sees filled up with spaces. Files need not hold them so: delta-spark stores them as they are given. Spark
 * fills them up above a scan, but for UPDATE and MERGE, whose scans have to do it themselves.
 *
 * @param columns of the table, with char as a type; as a string, where Spark fills values up
 */
public record CharColumns(StructType columns) {
  /** The schema of a scan, with char as a type. */
  StructType in(StructType schema) {
    return (StructType) typed(schema, columns);
  }

  /** Whether a predicate is about values that a file may hold otherwise. */
  public boolean concern(Predicate predicate) {
    return Arrays.stream(predicate.references())
        .map(NamedReference::fieldNames)
        .filter(path -> columns.getFieldIndex(path[0]).isDefined())
        .anyMatch(path -> hasChar(columns.apply(path[0]).dataType()));
  }

  private static DataType typed(DataType type, DataType table) {
    if (table instanceof CharType) {
      return table;
    } else if (type instanceof StructType struct && table instanceof StructType all) {
      return new StructType(Arrays.stream(struct.fields()).map(field -> typed(field, all)).toArray(StructField[]::new));
    } else if (type instanceof ArrayType list && table instanceof ArrayType all) {
      return new ArrayType(typed(list.elementType(), all.elementType()), list.containsNull());
    } else if (type instanceof MapType map && table instanceof MapType all) {
      return new MapType(typed(map.keyType(), all.keyType()), typed(map.valueType(), all.valueType()), map.valueContainsNull());
    }
    return type;
  }

  /** Facts of files are no columns of the table. */
  private static StructField typed(StructField field, StructType table) {
    return table.getFieldIndex(field.name()).isEmpty()
        ? field
        : new StructField(field.name(), typed(field.dataType(), table.apply(field.name()).dataType()), field.nullable(), field.metadata());
  }

  private static boolean hasChar(DataType type) {
    return !LeafTypes.map(type, leaf -> leaf instanceof CharType ? DataTypes.StringType : leaf).equals(type);
  }
}
