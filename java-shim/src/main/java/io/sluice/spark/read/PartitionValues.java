package io.sluice.spark.read;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.HexFormat;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;
import org.apache.spark.unsafe.types.UTF8String;

/** Values from the log as native code gives them, made Spark's own. */
final class PartitionValues {
  private PartitionValues() {}

  /** The partition columns among {@code columns} that rows can be grouped by, with one key for equal values. */
  static StructType keys(StructType columns, List<String> partitionColumns) {
    StructType keys = new StructType();
    for (StructField column : columns.fields()) {
      if (partitionColumns.contains(column.name()) && isKey(column.dataType())) {
        keys = keys.add(column);
      }
    }
    return keys;
  }

  /** Floats have several zeros and NaNs; binary and collated text are left to Spark. */
  private static boolean isKey(DataType type) {
    return type instanceof BooleanType || type instanceof ByteType || type instanceof ShortType
        || type instanceof IntegerType || type instanceof LongType || type instanceof DateType
        || type instanceof TimestampType || type instanceof TimestampNTZType || type instanceof DecimalType
        || type.equals(DataTypes.StringType);
  }

  static InternalRow row(List<?> values, StructType types) {
    Object[] row = new Object[values.size()];
    for (int i = 0; i < row.length; i++) {
      row[i] = value(values.get(i), types.fields()[i].dataType());
    }
    return new GenericInternalRow(row);
  }

  private static Object value(Object value, DataType type) {
    if (value instanceof Number number) {
      return number(number, type);
    } else if (value instanceof String text) {
      return text(text, type);
    }
    return value;
  }

  private static Object text(String text, DataType type) {
    if (type instanceof DecimalType decimal) {
      return decimal(text, decimal);
    } else if (type instanceof FloatType) {
      return Float.valueOf(text);
    } else if (type instanceof DoubleType) {
      return Double.valueOf(text);
    }
    return type instanceof BinaryType ? HexFormat.of().parseHex(text) : UTF8String.fromString(text);
  }

  private static Object number(Number number, DataType type) {
    if (type instanceof IntegerType || type instanceof DateType) {
      return number.intValue();
    } else if (type instanceof ShortType) {
      return number.shortValue();
    } else if (type instanceof ByteType) {
      return number.byteValue();
    }
    return number.longValue();
  }

  private static Decimal decimal(String unscaled, DecimalType type) {
    BigDecimal value = new BigDecimal(new BigInteger(unscaled), type.scale());
    return Decimal.apply(value, type.precision(), type.scale());
  }
}
