package io.sluice.spark.table;

import io.sluice.spark.read.DefaultCollation;
import java.util.Arrays;
import java.util.function.Function;
import org.apache.spark.sql.catalyst.util.CharVarcharUtils;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.MetadataBuilder;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import scala.Option;

/** A table's schema between Delta's JSON and what Spark is shown. */
final class DeltaSchema {
  private static final String[] INTERNAL = {
    "delta.columnMapping.id", "delta.columnMapping.physicalName", "delta.columnMapping.nested.ids", "delta.typeChanges"
  };
  /** Spark's key, in the metadata of a string, for the char or varchar that it is. */
  private static final String CHAR_VARCHAR = "__CHAR_VARCHAR_TYPE_STRING";
  /** What the log says of a column of one table, and what a query on it hands on to the table made of its rows. */
  private static final String[] OWN = {
    "delta.generationExpression", "delta.invariants",
    "delta.identity.start", "delta.identity.step", "delta.identity.highWaterMark", "delta.identity.allowExplicitInsert"
  };

  private DeltaSchema() {}

  /** Without internals of column mapping and type widening, and with char and varchar as types again. */
  static StructType shown(String json) {
    StructType schema = (StructType) DataType.fromJson(json);
    StructType kept = (StructType) mapFields(schema, field -> without(INTERNAL, field));
    return new StructType(Arrays.stream(kept.fields()).map(DeltaSchema::limited).toArray(StructField[]::new));
  }

  private static StructField limited(StructField field) {
    Option<DataType> remembered = CharVarcharUtils.getRawType(field.metadata());
    if (remembered.isEmpty()) {
      return field;
    }
    DataType type = NestedLimits.in(field.dataType(), remembered.get());
    StructField shown = new StructField(field.name(), type, field.nullable(), field.metadata());
    return NestedLimits.hasLimits(type) ? shown : without(new String[] {CHAR_VARCHAR}, shown);
  }

  /** The columns of a table to be made, which is none of those that its rows come from. */
  static StructType ofNewTable(StructType schema) {
    return (StructType) mapFields(schema, field -> without(OWN, without(INTERNAL, field)));
  }

  /** Delta's JSON: char and varchar are strings whose metadata remembers the type. */
  static String json(StructType schema) {
    return new StructType(Arrays.stream(DefaultCollation.unsaid(schema).fields())
        .map(DeltaSchema::unlimited)
        .toArray(StructField[]::new))
        .json();
  }

  /** As Spark does it, but for a setting of the session (spark.sql.preserveCharVarcharTypeInfo) by which it does not. */
  private static StructField unlimited(StructField field) {
    StructType alone = new StructType(new StructField[] {field});
    DataType plain = DefaultCollation.stored(alone).fields()[0].dataType();
    if (plain.equals(field.dataType())) {
      return field;
    }
    Metadata metadata = new MetadataBuilder()
        .withMetadata(field.metadata())
        .putString(CHAR_VARCHAR, field.dataType().catalogString())
        .build();
    return new StructField(field.name(), plain, field.nullable(), metadata);
  }

  private static StructField without(String[] keys, StructField field) {
    MetadataBuilder metadata = new MetadataBuilder().withMetadata(field.metadata());
    for (String key : keys) {
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
