package io.sluice.spark.read.vector;

import java.util.Arrays;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.CharType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
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
import org.apache.spark.sql.types.VariantType;

/** Chooses the vector of a type. */
public final class Vectors {
  private static final int INT_DIGITS = 9;
  private static final int LONG_DIGITS = 18;

  private Vectors() {}

  /** One vector a column. */
  public static NativeVector[] of(StructType schema) {
    return Arrays.stream(schema.fields()).map(StructField::dataType).map(Vectors::of).toArray(NativeVector[]::new);
  }

  private static NativeVector of(DataType type) {
    if (type instanceof StructType struct) {
      return new StructVector(type, of(struct));
    } else if (type instanceof ArrayType array) {
      return new ListVector(type, of(array.elementType()));
    } else if (type instanceof MapType map) {
      return new MapVector(type, of(map.keyType()), of(map.valueType()));
    } else if (type instanceof VariantType) {
      return new StructVector(type, new NativeVector[] {bytes(), bytes()});
    } else if (type instanceof DecimalType decimal) {
      return of(decimal);
    }
    return flat(type);
  }

  private static NativeVector of(DecimalType type) {
    if (type.precision() <= INT_DIGITS) {
      return new IntVector(type);
    }
    return type.precision() <= LONG_DIGITS ? new LongVector(type) : new WideDecimalVector(type);
  }

  private static NativeVector bytes() {
    return new BytesVector(DataTypes.BinaryType);
  }

  private static NativeVector flat(DataType type) {
    if (type instanceof CharType text) {
      return new CharVector(text);
    } else if (type instanceof StringType || type instanceof BinaryType) {
      return new BytesVector(type);
    } else if (type instanceof LongType || type instanceof TimestampType || type instanceof TimestampNTZType) {
      return new LongVector(type);
    } else if (type instanceof IntegerType || type instanceof ShortType || type instanceof ByteType
        || type instanceof DateType) {
      return new IntVector(type);
    } else if (type instanceof DoubleType) {
      return new DoubleVector(type);
    } else if (type instanceof FloatType) {
      return new FloatVector(type);
    } else if (type instanceof BooleanType) {
      return new BooleanVector(type);
    } else if (type instanceof NullType) {
      return new NullVector(type);
    }
    throw new IllegalArgumentException("no vector for type " + type.sql());
  }
}
