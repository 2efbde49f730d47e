package io.sluice.spark.arrow;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.catalyst.util.ArrayBasedMapData;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.sql.internal.SQLConf;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.NullType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.UserDefinedType;
import org.apache.spark.unsafe.types.UTF8String;
import org.apache.spark.unsafe.types.VariantVal;

/** Random values: each as Spark holds it and as {@link LentBatch} should read it back. */
final class Samples {
  record Sample(Object catalyst, Object plain) {}

  private static final Map<StructType, UnsafeProjection> PROJECTIONS = new HashMap<>();

  static final Sample NULL = new Sample(null, null);

  private final Random random;
  private final double nulls;

  Samples(long seed, double nulls) {
    this.random = new Random(seed);
    this.nulls = nulls;
  }

  static List<DataType> leaves() {
    List<DataType> types = new ArrayList<>(List.of(
        DataTypes.BooleanType, DataTypes.ByteType, DataTypes.ShortType, DataTypes.IntegerType, DataTypes.LongType,
        DataTypes.FloatType, DataTypes.DoubleType, DataTypes.DateType, DataTypes.TimestampType, DataTypes.TimestampNTZType,
        DataTypes.StringType, DataTypes.BinaryType, DataTypes.VariantType, DataTypes.NullType, new PointType()));
    for (int precision : new int[] {1, 9, 10, 18, 19, 21, 28, 38}) {
      types.add(new DecimalType(precision, precision / 3));
    }
    return types;
  }

  Sample row(StructType schema) {
    Object[] catalyst = new Object[schema.length()];
    List<Object> plain = new ArrayList<>();
    for (int i = 0; i < catalyst.length; i++) {
      StructField field = schema.fields()[i];
      Sample sample = field.nullable() ? value(field.dataType()) : present(field.dataType());
      catalyst[i] = sample.catalyst();
      plain.add(sample.plain());
    }
    return new Sample(new GenericInternalRow(catalyst), plain);
  }

  /** Runs with Spark's interpreted converters: compiling one for each of many schemas takes minutes. */
  static void interpreted(Runnable test) {
    SQLConf conf = new SQLConf();
    conf.setConfString("spark.sql.codegen.factoryMode", "NO_CODEGEN");
    SQLConf.withExistingConf(conf, () -> {
      test.run();
      return null;
    });
  }

  /** A row of its own, as Spark's own converter lays it out. */
  static UnsafeRow unsafe(StructType schema, Object row) {
    UnsafeProjection projection = PROJECTIONS.computeIfAbsent(schema, s -> UnsafeProjection.create(StorageTypes.of(s)));
    return projection.apply((GenericInternalRow) row).copy();
  }

  Sample value(DataType type) {
    return type instanceof NullType || random.nextDouble() < nulls ? NULL : present(type);
  }

  private Sample present(DataType type) {
    if (type instanceof UserDefinedType<?> wrapped) {
      return present(wrapped.sqlType());
    } else if (type instanceof StructType struct) {
      return row(struct);
    } else if (type instanceof ArrayType array) {
      return list(array.elementType(), array.containsNull(), random.nextInt(random.nextInt(20) == 0 ? 200 : 4));
    } else if (type instanceof MapType map) {
      return map(map);
    } else if (type instanceof DecimalType decimal) {
      return decimal(decimal);
    }
    return leaf(type);
  }

  private Sample list(DataType element, boolean nullable, int count) {
    Object[] catalyst = new Object[count];
    List<Object> plain = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Sample sample = nullable ? value(element) : present(element);
      catalyst[i] = sample.catalyst();
      plain.add(sample.plain());
    }
    return new Sample(new GenericArrayData(catalyst), plain);
  }

  private Sample map(MapType type) {
    int count = random.nextInt(4);
    Sample keys = list(type.keyType(), false, count);
    Sample values = list(type.valueType(), type.valueContainsNull(), count);
    List<Object> plain = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      List<Object> entry = new ArrayList<>();
      entry.add(((List<?>) keys.plain()).get(i));
      entry.add(((List<?>) values.plain()).get(i));
      plain.add(entry);
    }
    return new Sample(new ArrayBasedMapData((GenericArrayData) keys.catalyst(), (GenericArrayData) values.catalyst()), plain);
  }

  private Sample decimal(DecimalType type) {
    BigInteger bound = BigInteger.TEN.pow(1 + random.nextInt(type.precision()));
    BigInteger unscaled = random.nextInt(4) == 0 ? bound.subtract(BigInteger.ONE) : new BigInteger(130, random).mod(bound);
    unscaled = random.nextBoolean() ? unscaled.negate() : unscaled;
    Object wide = type.precision() <= 18 ? (Object) unscaled.longValueExact() : unscaled;
    Object plain = type.precision() <= 9 ? (Object) unscaled.intValueExact() : wide;
    return new Sample(Decimal.apply(new BigDecimal(unscaled, type.scale()), type.precision(), type.scale()), plain);
  }

  private Sample leaf(DataType type) {
    if (type.equals(DataTypes.BooleanType)) {
      return same(random.nextBoolean());
    } else if (type.equals(DataTypes.ByteType)) {
      byte value = (byte) random.nextInt();
      return new Sample(value, (int) value);
    } else if (type.equals(DataTypes.ShortType)) {
      short value = (short) random.nextInt();
      return new Sample(value, (int) value);
    } else if (type.equals(DataTypes.IntegerType) || type.equals(DataTypes.DateType)) {
      return same(random.nextInt());
    } else if (type.equals(DataTypes.FloatType)) {
      return same(new float[] {Float.NaN, -0.0f, random.nextFloat()}[random.nextInt(3)]);
    } else if (type.equals(DataTypes.DoubleType)) {
      return same(new double[] {Double.NaN, -0.0, random.nextDouble()}[random.nextInt(3)]);
    } else if (type.equals(DataTypes.VariantType)) {
      byte[] value = bytes();
      byte[] metadata = bytes();
      return new Sample(new VariantVal(value, metadata), List.of(text(value), text(metadata)));
    } else if (type.equals(DataTypes.BinaryType)) {
      byte[] value = bytes();
      return new Sample(value, text(value));
    } else if (type.equals(DataTypes.StringType)) {
      byte[] value = bytes(); // mostly invalid UTF-8
      return new Sample(UTF8String.fromBytes(value), text(value));
    }
    return same(random.nextLong());
  }

  private static Sample same(Object value) {
    return new Sample(value, value);
  }

  private byte[] bytes() {
    byte[] bytes = new byte[random.nextInt(random.nextInt(10) == 0 ? 300 : 20)];
    random.nextBytes(bytes);
    return bytes;
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  /** A user-defined type whose storage is nested. */
  static final class PointType extends UserDefinedType<double[]> {
    private static final long serialVersionUID = 1L;

    @Override
    public DataType sqlType() {
      return new StructType().add("x", DataTypes.DoubleType).add("tags", new ArrayType(DataTypes.StringType, true));
    }

    @Override
    public Object serialize(double[] point) {
      throw new UnsupportedOperationException();
    }

    @Override
    public double[] deserialize(Object datum) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Class<double[]> userClass() {
      return double[].class;
    }
  }
}
