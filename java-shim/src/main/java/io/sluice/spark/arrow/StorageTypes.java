package io.sluice.spark.arrow;

import io.sluice.spark.types.LeafTypes;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.UserDefinedType;

/** A schema as its values are laid out in rows: user-defined types replaced by what they are made of, at every depth. */
final class StorageTypes {
  private StorageTypes() {}

  static StructType of(StructType struct) {
    return LeafTypes.map(struct, StorageTypes::unwrapped);
  }

  private static DataType unwrapped(DataType type) {
    return type instanceof UserDefinedType<?> wrapped ? LeafTypes.map(wrapped.sqlType(), StorageTypes::unwrapped) : type;
  }
}
