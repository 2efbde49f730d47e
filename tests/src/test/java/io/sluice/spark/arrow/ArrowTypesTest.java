package io.sluice.spark.arrow;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import io.sluice.spark.InvalidInputException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;
import org.junit.Test;

public class ArrowTypesTest {
  private static final int ROWS = 300;

  @Test
  public void everyTypeComesBack() {
    for (DataType type : Samples.leaves()) {
      roundTrip(new StructType().add("c", type, true));
    }
  }

  @Test
  public void everyTypeNestsInEveryOther() {
    for (DataType type : Samples.leaves()) {
      for (DataType once : nestings(type)) {
        roundTrip(new StructType().add("c", once, true));
        for (DataType twice : nestings(once)) {
          roundTrip(new StructType().add("c", twice, true));
        }
      }
    }
  }

  @Test
  public void compiledConvertersAgree() {
    StructType schema = new StructType();
    for (DataType type : Samples.leaves()) {
      schema = schema.add("c" + schema.length(), type, true).add("l" + schema.length(), new ArrayType(type, true), true);
    }
    writeAndRead(schema);
  }

  @Test
  public void manyColumnsSpanSeveralNullWords() {
    StructType schema = new StructType();
    for (int i = 0; i < 5; i++) {
      for (DataType type : Samples.leaves()) {
        schema = schema.add("c" + schema.length(), type, true);
      }
    }
    assertTrue(schema.length() > 64);
    roundTrip(schema);
    roundTrip(new StructType().add("outer", schema, true).add("list", new ArrayType(schema, true), true));
  }

  @Test
  public void schemaStructsFollowTheLanesTable() {
    StructType schema = new StructType()
        .add("b", DataTypes.BooleanType, false)
        .add("p9", new DecimalType(9, 0)).add("p10", new DecimalType(10, 0)).add("p18", new DecimalType(18, 0))
        .add("p19", new DecimalType(19, 0)).add("p38", new DecimalType(38, 0))
        .add("char", DataTypes.createCharType(3)).add("varchar", DataTypes.createVarcharType(3))
        .add("größe \uD83D\uDE00", new MapType(DataTypes.StringType, new ArrayType(DataTypes.ShortType, false), false))
        .add("v", DataTypes.VariantType).add("n", DataTypes.NullType);
    try (ArrowBatchWriter writer = writer(schema, new CountingMeter())) {
      assertEquals(
          "+s:0[b:b0, i:p92, l:p102, l:p182, w:9:p192, w:16:p382, z:char2, z:varchar2, "
              + "+m:größe \uD83D\uDE002[+s:entries0[z:key0, +l:value0[i:element0]]], +s:v2[z:value0, z:metadata0], n:n2]",
          describe(LentBatch.schema(writer.schemaAddress())));
    }
  }

  @Test
  public void decimalWidthsAreParquets() {
    int[] widths = {9, 9, 9, 10, 10, 11, 11, 11, 12, 12, 13, 13, 13, 14, 14, 15, 15, 16, 16, 16};
    for (int precision = 19; precision <= 38; precision++) {
      assertEquals("precision " + precision, widths[precision - 19], WideDecimalLane.width(precision));
    }
  }

  @Test
  public void typesThatDeltaCannotStoreAreNamed() {
    StructType nested = new StructType().add("b", new ArrayType(DataTypes.CalendarIntervalType, true));
    refused(new StructType().add("a", nested), "`a.b.element` of type interval");
    refused(new StructType().add("i", DataTypes.createYearMonthIntervalType()), "`i` of type interval year to month");
    refused(new StructType().add("i", DataTypes.createDayTimeIntervalType()), "`i` of type interval day to second");
    refused(new StructType().add("m", new MapType(DataTypes.StringType, new StructType(), true)), "`m.value` of type struct<>");
    refused(new StructType().add("s", StringType.apply("UNICODE")), "`s` of type string collate UNICODE");
    refused(new StructType().add("a\0b", DataTypes.LongType), "NUL");
  }

  private static void refused(StructType schema, String part) {
    InvalidInputException refusal = assertThrows(InvalidInputException.class, () -> ArrowBatchWriter.checkSupported(schema));
    assertEquals("DELTA_UNSUPPORTED_DATA_TYPES", refusal.getCondition());
    assertTrue(refusal.getMessage(), refusal.getMessage().startsWith("[DELTA_UNSUPPORTED_DATA_TYPES] Cannot write column"));
    assertTrue(refusal.getMessage(), refusal.getMessage().contains(part));
  }

  private static List<DataType> nestings(DataType type) {
    List<DataType> all = new ArrayList<>(List.of(
        new ArrayType(type, true),
        new StructType().add("first", type, true).add("id", DataTypes.IntegerType, false),
        new MapType(DataTypes.StringType, type, true)));
    if (!type.equals(DataTypes.NullType)) {
      all.add(new ArrayType(type, false));
      all.add(new MapType(type, DataTypes.BooleanType, false)); // Spark forbids some keys; the layout does not
    }
    return all;
  }

  /** Writes rows of both kinds, with and without nulls, over batches that reuse memory. */
  private static void roundTrip(StructType schema) {
    Samples.interpreted(() -> writeAndRead(schema));
  }

  private static void writeAndRead(StructType schema) {
    ArrowBatchWriter.checkSupported(schema);
    CountingMeter meter = new CountingMeter();
    try (ArrowBatchWriter writer = writer(schema, meter)) {
      for (double nulls : new double[] {0.3, 0, 1}) {
        batch(writer, schema, new Samples(7, nulls), false);
        batch(writer, schema, new Samples(8, nulls), true);
      }
      assertEquals(meter.held, writer.allocatedBytes());
    }
    assertEquals(0, meter.held);
  }

  private static void batch(ArrowBatchWriter writer, StructType schema, Samples samples, boolean generic) {
    List<Object> expected = new ArrayList<>();
    for (int i = 0; i < ROWS / 3; i++) {
      Samples.Sample row = samples.row(schema);
      expected.add(row.plain());
      writer.write(generic ? (InternalRow) row.catalyst() : Samples.unsafe(schema, row.catalyst()));
    }
    assertEquals(schema.simpleString(), expected, LentBatch.take(writer));
    writer.reset();
  }

  private static ArrowBatchWriter writer(StructType schema, MemoryMeter meter) {
    return new ArrowBatchWriter(schema, new BatchLimits(ROWS, 1 << 20), meter, 1);
  }

  private static String describe(LentBatch.Field field) {
    String children = field.children().stream().map(ArrowTypesTest::describe).collect(Collectors.joining(", ", "[", "]"));
    return field.format() + ":" + field.name() + field.flags() + (children.equals("[]") ? "" : children);
  }
}
