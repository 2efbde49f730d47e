package io.sluice.spark.table;

import io.sluice.spark.read.DefaultCollation;
import java.util.function.Function;
import org.apache.spark.sql.catalyst.util.CharVarcharUtils;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.MetadataBuilder;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** A table's schema between Delta's JSON and what Spark is shown. */
final class DeltaSchema {
  private static final String[] INTERNAL = {
    "delta.columnMapping.id", "delta.columnMapping.physicalName", "delta.columnMapping.nested.ids"
  };

  private DeltaSchema() {}

  /** Without column-mapping internals, and with char and varchar as types again. */
  static StructType shown(String json) {
    StructType schema = (StructType) DataType.fromJson(json);
    return CharVarcharUtils.getRawSchema((StructType) mapFields(schema, DeltaSchema::withoutInternals));
  }

  /** Delta's JSON: char and varchar are strings whose metadata remembers the type. */
  static String json(StructType schema) {
    return CharVarcharUtils.replaceCharVarcharWithStringInSchema(DefaultCollation.unsaid(schema)).json();
  }

  private static StructField withoutInternals(StructField field) {
    MetadataBuilder metadata = new MetadataBuilder().withMetadata(field.metadata());
    for (String key : INTERNAL) {
      metadata.remove(key);
    }
    Metadata kept = metadata.build();
    return new StructField(field.name(), field.dataType(), field.nullable(), kept);
  }

  private static DataType mapFields(DataType type, Function<StructField, StructField> change) {
    if (type instanceof StructType struct) {
      StructField[] fields = struct.fields().clone();
      for (int i = 0; i < fields.length; i++) {
        StructField field = fields[i];
        DataType inner = mapFields(field.dataType(), change);
        fields[i] = change.apply(new StructField(field.name(), inner, field.nullable(), field.metadata()));
      }
      return new StructType(fields);
    } else if (type instanceof ArrayType array) {
      return new ArrayType(mapFields(array.elementType(), change), array.containsNull());
    } else if (type instanceof MapType map) {
      return new MapType(mapFields(map.keyType(), change), mapFields(map.valueType(), change), map.valueContainsNull());
    }
    return type;
  }
}
