package io.sluice.spark.arrow;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.execution.RowToColumnConverter;
import org.apache.spark.sql.execution.arrow.ArrowWriter;
import org.apache.spark.sql.execution.vectorized.ConstantColumnVector;
import org.apache.spark.sql.execution.vectorized.Dictionary;
import org.apache.spark.sql.execution.vectorized.OffHeapColumnVector;
import org.apache.spark.sql.execution.vectorized.OnHeapColumnVector;
import org.apache.spark.sql.execution.vectorized.WritableColumnVector;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.NullType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.UserDefinedType;
import org.apache.spark.sql.types.VariantType;
import org.apache.spark.sql.util.ArrowUtils;
import org.apache.spark.sql.vectorized.ArrowColumnVector;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.unsafe.types.UTF8String;
import org.junit.After;
import org.junit.Test;

/** Columns of every kind of vector that Spark has arrive as the same values would in rows. */
public class ColumnsTest {
  private static final BatchLimits ROOMY = new BatchLimits(1000, 1 << 20);
  private static final StructType ID_AND_TEXT =
      new StructType().add("id", DataTypes.LongType).add("text", DataTypes.StringType);

  private final CountingMeter meter = new CountingMeter();
  private final List<Object> plain = new ArrayList<>();
  private final List<InternalRow> rows = new ArrayList<>();

  @After
  public void nothingLeaks() {
    assertEquals(0, meter.held);
  }

  @Test
  public void sparksOwnVectorsOnAndOffHeap() {
    StructType schema = all(type -> !(type instanceof NullType || type instanceof UserDefinedType<?>))
        .add("list", new ArrayType(DataTypes.StringType, true))
        .add("map", new MapType(DataTypes.IntegerType, new StructType().add("d", DataTypes.DoubleType), true));
    for (double nulls : new double[] {0, 0.3}) {
      sample(schema, nulls, 500);
      Samples.interpreted(() -> {
        assertEquals(plain, taken(schema, filled(schema, OnHeapColumnVector.allocateColumns(500, schema)), ROOMY));
        assertEquals(plain, taken(schema, filled(schema, OffHeapColumnVector.allocateColumns(500, schema)), ROOMY));
      });
    }
  }

  @Test
  public void nestedVectors() {
    StructType place = new StructType().add("x", DataTypes.DoubleType).add("tags", new ArrayType(DataTypes.StringType, true));
    StructType item = new StructType().add("sku", DataTypes.IntegerType).add("name", DataTypes.StringType)
        .add("price", DataTypes.createDecimalType(10, 2)).add("place", place);
    StructType wide = new StructType().add("b", DataTypes.BinaryType).add("w", DataTypes.createDecimalType(30, 4));
    StructType schema = new StructType()
        .add("struct", item)
        .add("items", new ArrayType(item, true))
        .add("present", new ArrayType(place, false))
        .add("grid", new ArrayType(new ArrayType(DataTypes.IntegerType, true), true))
        .add("map", new MapType(DataTypes.StringType, new ArrayType(wide, true), true))
        .add("flags", new ArrayType(DataTypes.BooleanType, true))
        .add("variants", new ArrayType(DataTypes.VariantType, true));
    for (double nulls : new double[] {0, 0.05, 0.4}) {
      sample(schema, nulls, 200);
      Samples.interpreted(() -> {
        for (BatchLimits limits : List.of(ROOMY, new BatchLimits(1000, 20_000), new BatchLimits(7, 1 << 20))) {
          assertRows(taken(schema, filled(schema, OnHeapColumnVector.allocateColumns(200, schema)), limits));
          assertRows(taken(schema, filled(schema, OffHeapColumnVector.allocateColumns(200, schema)), limits));
        }
      });
    }
  }

  @Test
  public void childrenThatNoFileHas() {
    StructType item = new StructType().add("a", DataTypes.IntegerType).add("s", DataTypes.StringType);
    StructType schema = new StructType().add("items", new ArrayType(item, true));
    ArrayType inFiles = new ArrayType(new StructType().add("a", DataTypes.IntegerType).add("s", DataTypes.NullType), true);
    for (WritableColumnVector vector : List.of(new OnHeapColumnVector(2, inFiles), new OffHeapColumnVector(2, inFiles))) {
      WritableColumnVector items = vector.arrayData();
      items.reserve(5000);
      items.getChild(0).reserve(5000);
      for (int i = 0; i < 5000; i++) {
        items.getChild(0).putInt(i, i);
      }
      vector.putArray(0, 2, 4998);
      vector.putArray(1, 0, 2);
      try (ArrowBatchWriter writer = new ArrowBatchWriter(schema, ROOMY, meter, 1)) {
        assertEquals(2, writer.writeColumns(new ColumnVector[] {vector}, 0, 2));
        List<?> rows = LentBatch.take(writer);
        List<Object> second = new ArrayList<>(List.of(1));
        second.add(null);
        assertEquals(4998, ((List<?>) ((List<?>) rows.get(0)).get(0)).size());
        assertEquals(second, ((List<?>) ((List<?>) rows.get(1)).get(0)).get(1));
      }
      vector.close();
    }
  }

  @Test
  public void vectorsOfArrow() {
    StructType schema = all(type -> !(type instanceof NullType || type instanceof UserDefinedType<?> || type instanceof VariantType));
    try (var allocator = ArrowUtils.rootAllocator().newChildAllocator("test", 0, Long.MAX_VALUE)) {
      for (double nulls : new double[] {0, 0.3}) {
        sample(schema, nulls, 300);
        try (var root = VectorSchemaRoot.create(ArrowUtils.toArrowSchema(schema, "UTC", true, false), allocator)) {
          ArrowWriter arrow = ArrowWriter.create(root);
          rows.forEach(arrow::write);
          arrow.finish();
          ColumnVector[] vectors = root.getFieldVectors().stream().map(ArrowColumnVector::new).toArray(ColumnVector[]::new);
          assertEquals(plain, taken(schema, vectors, ROOMY));
        }
      }
    }
  }

  @Test
  public void constants() {
    StructType schema = new StructType().add("i", DataTypes.IntegerType).add("s", DataTypes.StringType)
        .add("b", DataTypes.BinaryType).add("d", DataTypes.createDecimalType(12, 2)).add("n", DataTypes.LongType);
    ConstantColumnVector[] vectors = Stream.of(schema.fields())
        .map(field -> new ConstantColumnVector(3, field.dataType())).toArray(ConstantColumnVector[]::new);
    vectors[0].setInt(7);
    vectors[1].setUtf8String(UTF8String.fromString("p"));
    vectors[2].setBinary(new byte[] {'q'});
    vectors[3].setDecimal(Decimal.apply("1.25"), 12);
    vectors[4].setNull();
    List<Object> row = new ArrayList<>(List.of(7, "p", "q", 125L));
    row.add(null);
    assertEquals(List.of(row, row, row), taken(schema, vectors, ROOMY));
  }

  @Test
  public void dictionaries() {
    StructType schema = new StructType().add("i", DataTypes.IntegerType).add("l", DataTypes.createDecimalType(18, 3))
        .add("f", DataTypes.FloatType).add("d", DataTypes.DoubleType).add("s", DataTypes.StringType)
        .add("b", DataTypes.BinaryType).add("n", DataTypes.createDecimalType(5, 0));
    for (WritableColumnVector[] vectors : List.of(
        OnHeapColumnVector.allocateColumns(6, schema), OffHeapColumnVector.allocateColumns(6, schema))) {
      for (WritableColumnVector vector : vectors) {
        vector.reserveDictionaryIds(6).putInts(0, 6, new int[] {0, 1, 2, -1, 1, 0}, 0);
        vector.setDictionary(new Numbers("v"));
        vector.putNull(3);
      }
      List<Object> expected = new ArrayList<>(List.of(encoded(0), encoded(1), encoded(2)));
      expected.add(Collections.nCopies(7, null));
      expected.addAll(List.of(encoded(1), encoded(0)));
      assertEquals(expected, taken(schema, vectors, ROOMY));
    }
  }

  @Test
  public void eachBatchMayHaveAnotherDictionary() {
    StructType schema = new StructType().add("s", DataTypes.StringType);
    WritableColumnVector vector = new OnHeapColumnVector(4, DataTypes.StringType);
    vector.reserveDictionaryIds(4).putInts(0, 4, new int[] {0, 1, 4095, 70_000}, 0);
    try (ArrowBatchWriter writer = new ArrowBatchWriter(schema, ROOMY, meter, 1)) {
      for (String prefix : List.of("a", "b")) {
        vector.setDictionary(new Numbers(prefix));
        assertEquals(4, writer.writeColumns(new ColumnVector[] {vector}, 0, 4));
        List<Object> expected = List.of(List.of(prefix + 0), List.of(prefix + 1), List.of(prefix + 4095), List.of(prefix + 70_000));
        assertEquals(expected, LentBatch.take(writer));
        writer.reset();
      }
    }
  }

  @Test
  public void batchesAreCutAtTheRowLimitAndAtTheByteLimit() {
    for (int i = 0; i < 100; i++) {
      add(i, "x".repeat(i % 10 == 3 ? 900 : i % 7));
    }
    ColumnVector[] vectors = filled(ID_AND_TEXT, OnHeapColumnVector.allocateColumns(100, ID_AND_TEXT));
    for (BatchLimits limits : List.of(new BatchLimits(7, 1 << 20), new BatchLimits(1000, 2000), new BatchLimits(1000, 1000), ROOMY)) {
      assertEquals(plain, taken(ID_AND_TEXT, vectors, limits));
    }
  }

  @Test
  public void aRowBeyondTheLimitTravelsAlone() {
    add(0, "a");
    add(1, "y".repeat(5000));
    add(2, "b");
    ColumnVector[] vectors = filled(ID_AND_TEXT, OffHeapColumnVector.allocateColumns(3, ID_AND_TEXT));
    try (ArrowBatchWriter writer = new ArrowBatchWriter(ID_AND_TEXT, new BatchLimits(100, 1000), meter, 1)) {
      for (int i = 0; i < 3; i++) {
        assertEquals(1, writer.writeColumns(vectors, i, 3 - i));
        assertEquals(plain.subList(i, i + 1), LentBatch.take(writer));
        writer.reset();
      }
    }
  }

  @Test
  public void whatFailsHalfWayLeavesNoTrace() {
    for (int i = 0; i < 100; i++) {
      add(i, "z".repeat(100));
    }
    ColumnVector[] vectors = filled(ID_AND_TEXT, OnHeapColumnVector.allocateColumns(100, ID_AND_TEXT));
    try (ArrowBatchWriter writer = new ArrowBatchWriter(ID_AND_TEXT, ROOMY, meter, 1)) {
      assertEquals(10, writer.writeColumns(vectors, 0, 10));
      long bytes = writer.bytes();
      meter.limit = meter.held;
      assertThrows(CountingMeter.Refused.class, () -> writer.writeColumns(vectors, 10, 90));
      assertEquals(10, writer.rows());
      assertEquals(bytes, writer.bytes());
      meter.limit = Long.MAX_VALUE;
      assertEquals(90, writer.writeColumns(vectors, 10, 90));
      assertEquals(plain, LentBatch.take(writer));
      assertThrows(IllegalArgumentException.class, () -> writer.writeColumns(new ColumnVector[1], 0, 1));
    }
  }

  /** Writes all, two slices a call, and reads back what the batches held. */
  private List<Object> taken(StructType schema, ColumnVector[] vectors, BatchLimits limits) {
    int count = vectors[0] instanceof ConstantColumnVector ? 3 : vectors[0] instanceof WritableColumnVector w && w.hasDictionary() ? 6 : rows.size();
    List<Object> taken = new ArrayList<>();
    try (ArrowBatchWriter writer = new ArrowBatchWriter(schema, limits, meter, 1)) {
      for (int from = 0; from < count; ) {
        int asked = Math.min(count - from, Math.max(1, count / 2));
        int wrote = writer.writeColumns(vectors, from, asked);
        assertTrue(writer.rows() <= limits.rows() && (writer.bytes() <= limits.bytes() || writer.rows() == 1));
        from += wrote;
        if (wrote < asked) {
          taken.addAll(LentBatch.take(writer));
          writer.reset();
        }
      }
      taken.addAll(LentBatch.take(writer));
    }
    return taken;
  }

  /** As {@code assertEquals}, but a difference is shown alone. */
  private void assertRows(List<Object> taken) {
    assertEquals(plain.size(), taken.size());
    for (int row = 0; row < plain.size(); row++) {
      List<?> expected = (List<?>) plain.get(row);
      for (int column = 0; column < expected.size(); column++) {
        assertEquals("row " + row + ", column " + column, expected.get(column), ((List<?>) taken.get(row)).get(column));
      }
    }
  }

  private ColumnVector[] filled(StructType schema, WritableColumnVector[] vectors) {
    RowToColumnConverter converter = new RowToColumnConverter(schema);
    rows.forEach(row -> converter.convert(row, vectors));
    return vectors;
  }

  private void sample(StructType schema, double nulls, int count) {
    rows.clear();
    plain.clear();
    Samples samples = new Samples(11, nulls);
    for (int i = 0; i < count; i++) {
      Samples.Sample sample = samples.row(schema);
      rows.add((InternalRow) sample.catalyst());
      plain.add(sample.plain());
    }
  }

  private void add(long id, String text) {
    rows.add(new GenericInternalRow(new Object[] {id, UTF8String.fromString(text)}));
    plain.add(List.of(id, text));
  }

  private static StructType all(Predicate<DataType> wanted) {
    List<DataType> types = Samples.leaves().stream().filter(wanted).toList();
    StructType[] schema = {new StructType()};
    IntStream.range(0, types.size()).forEach(i -> schema[0] = schema[0].add("c" + i, types.get(i)));
    return schema[0];
  }

  private static List<Object> encoded(int id) {
    return List.of(id * 10, id * 100L, id + 0.5f, id + 0.25, "v" + id, "v" + id, id * 10);
  }

  /** A dictionary as the Parquet reader leaves it with a vector. */
  private record Numbers(String prefix) implements Dictionary {
    @Override
    public int decodeToInt(int id) {
      return check(id) * 10;
    }

    @Override
    public long decodeToLong(int id) {
      return check(id) * 100L;
    }

    @Override
    public float decodeToFloat(int id) {
      return check(id) + 0.5f;
    }

    @Override
    public double decodeToDouble(int id) {
      return check(id) + 0.25;
    }

    @Override
    public byte[] decodeToBinary(int id) {
      return (prefix + check(id)).getBytes(StandardCharsets.UTF_8);
    }

    private static int check(int id) {
      if (id < 0) {
        throw new IndexOutOfBoundsException(id);
      }
      return id;
    }
  }
}
