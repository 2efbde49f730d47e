package io.sluice.spark.arrow;

import io.sluice.spark.InvalidInputException;
import io.sluice.spark.error.Unchecked;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.NullType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;
import org.apache.spark.sql.types.UserDefinedType;
import org.apache.spark.sql.types.VariantType;

/** Which lane a Spark type takes. Making lanes allocates nothing native, so it also serves to check a schema. */
final class Lanes {
  private static final int UTF8_BINARY_COLLATION = 0;

  private final OffHeap memory;
  private final Tally tally;

  private Lanes(OffHeap memory, Tally tally) {
    this.memory = memory;
    this.tally = tally;
  }

  /**
   * The root struct of {@code schema}.
   *
   * @throws InvalidInputException for a type that Delta cannot store, naming the column
   */
  static StructLane root(StructType schema, OffHeap memory, Tally tally) {
    LaneField root = LaneField.root();
    Lanes lanes = new Lanes(memory, tally);
    return new StructLane(root, lanes.fields(schema, root), memory);
  }

  private Lane lane(DataType type, LaneField field) {
    if (type instanceof BooleanType) {
      return new BooleanLane(field, memory);
    } else if (type instanceof ByteType) {
      return new ByteLane(field, memory);
    } else if (type instanceof ShortType) {
      return new ShortLane(field, memory);
    } else if (type instanceof IntegerType || type instanceof DateType) {
      return new IntLane(field, "i", memory);
    } else if (type instanceof LongType || type instanceof TimestampType || type instanceof TimestampNTZType) {
      return new LongLane(field, "l", memory);
    } else if (type instanceof FloatType) {
      return new IntLane(field, "f", memory);
    } else if (type instanceof DoubleType) {
      return new LongLane(field, "g", memory);
    } else if (type instanceof DecimalType decimal) {
      return decimal(decimal, field);
    } else if (isText(type) || type instanceof BinaryType) {
      return new BytesLane(field, memory, tally);
    } else if (type instanceof VariantType) {
      return new VariantLane(field, memory, tally);
    } else if (type instanceof NullType) {
      return new VoidLane(field, memory);
    } else if (type instanceof UserDefinedType<?> wrapped) {
      return lane(wrapped.sqlType(), field);
    }
    return nested(type, field);
  }

  private Lane nested(DataType type, LaneField field) {
    if (type instanceof StructType struct && struct.length() > 0) {
      return new StructLane(field, fields(struct, field), memory);
    } else if (type instanceof ArrayType array) {
      Lane element = lane(array.elementType(), field.child("element", array.containsNull()));
      return new ListLane(field, element, memory, tally);
    } else if (type instanceof MapType map) {
      Lane key = lane(map.keyType(), field.child("key", false));
      Lane value = lane(map.valueType(), field.child("value", map.valueContainsNull()));
      LaneField entries = new LaneField("entries", field.path(), false);
      return new MapLane(field, new StructLane(entries, new Lane[] {key, value}, memory), memory, tally);
    }
    throw unsupported(field, "of type " + type.simpleString() + ": Delta Lake tables cannot store it");
  }

  private Lane decimal(DecimalType type, LaneField field) {
    if (type.precision() <= 9) {
      return new SmallDecimalLane(field, memory);
    }
    return type.precision() <= 18 ? new LongLane(field, "l", memory) : new WideDecimalLane(field, type.precision(), memory);
  }

  private Lane[] fields(StructType struct, LaneField parent) {
    StructField[] fields = struct.fields();
    Lane[] lanes = new Lane[fields.length];
    for (int i = 0; i < fields.length; i++) {
      LaneField field = parent.child(fields[i].name(), fields[i].nullable());
      if (field.name().indexOf('\0') >= 0) {
        throw unsupported(field, "with a NUL character in its name");
      }
      lanes[i] = lane(fields[i].dataType(), field);
    }
    return lanes;
  }

  /** String, char and varchar. */
  private static boolean isText(DataType type) {
    return type instanceof StringType text && text.collationId() == UTF8_BINARY_COLLATION;
  }

  private static RuntimeException unsupported(LaneField field, String reason) {
    String message = "Cannot write column `" + field.path() + "` " + reason;
    return Unchecked.raise(new InvalidInputException("DELTA_UNSUPPORTED_DATA_TYPES", message, null));
  }
}
