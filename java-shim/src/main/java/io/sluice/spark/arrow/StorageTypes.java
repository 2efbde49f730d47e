package io.sluice.spark.arrow;

import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.UserDefinedType;

/** A schema as its values are laid out in rows: user-defined types replaced by what they are made of, at every depth. */
final class StorageTypes {
  private StorageTypes() {}

  static StructType of(StructType struct) {
    StructField[] fields = struct.fields().clone();
    for (int i = 0; i < fields.length; i++) {
      StructField field = fields[i];
      fields[i] = new StructField(field.name(), of(field.dataType()), field.nullable(), field.metadata());
    }
    return new StructType(fields);
  }

  private static DataType of(DataType type) {
    if (type instanceof UserDefinedType<?> wrapped) {
      return of(wrapped.sqlType());
    } else if (type instanceof StructType struct) {
      return of(struct);
    } else if (type instanceof ArrayType array) {
      return new ArrayType(of(array.elementType()), array.containsNull());
    } else if (type instanceof MapType map) {
      return new MapType(of(map.keyType()), of(map.valueType()), map.valueContainsNull());
    }
    return type;
  }
}
