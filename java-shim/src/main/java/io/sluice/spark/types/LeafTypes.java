package io.sluice.spark.types;

import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** The types in a schema that are neither structs, arrays nor maps, at every depth. */
public final class LeafTypes {
  private LeafTypes() {}

  /** The schema with each of them changed; names, nullability and metadata stay. */
  public static StructType map(StructType struct, UnaryOperator<DataType> change) {
    StructField[] fields = Arrays.stream(struct.fields())
        .map(field -> new StructField(field.name(), map(field.dataType(), change), field.nullable(), field.metadata()))
        .toArray(StructField[]::new);
    return new StructType(fields);
  }

  public static DataType map(DataType type, UnaryOperator<DataType> change) {
    if (type instanceof StructType struct) {
      return map(struct, change);
    } else if (type instanceof ArrayType array) {
      return new ArrayType(map(array.elementType(), change), array.containsNull());
    } else if (type instanceof MapType map) {
      return new MapType(map(map.keyType(), change), map(map.valueType(), change), map.valueContainsNull());
    }
    return change.apply(type);
  }
}
