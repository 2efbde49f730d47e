package io.sluice.spark.arrow;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import io.sluice.spark.InvalidInputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.Platform;
import org.apache.spark.unsafe.types.UTF8String;
import org.junit.After;
import org.junit.Test;

public class ArrowBatchWriterTest {
  private static final StructType ID_AND_TEXT =
      new StructType().add("id", DataTypes.LongType).add("text", DataTypes.StringType);
  private static final StructType NESTED = new StructType()
      .add("flag", DataTypes.BooleanType)
      .add("list", new ArrayType(new StructType().add("s", DataTypes.StringType).add("m",
          new MapType(DataTypes.StringType, DataTypes.VariantType, true)), true))
      .add("d", new DecimalType(30, 2));

  private final CountingMeter meter = new CountingMeter();

  @After
  public void nothingLeaks() {
    assertEquals(0, meter.held);
  }

  @Test
  public void fullAtTheRowLimit() {
    try (ArrowBatchWriter writer = writer(ID_AND_TEXT, new BatchLimits(3, 1 << 20))) {
      for (int batch = 0; batch < 3; batch++) {
        assertFalse(writer.write(row(1L, "a")));
        assertFalse(writer.write(row(2L, null)));
        assertTrue(writer.write(row(null, "ccc")));
        assertEquals(3, writer.rows());
        assertEquals(List.of(List.of(1L, "a"), Arrays.asList(2L, null), Arrays.asList(null, "ccc")), LentBatch.take(writer));
        writer.reset();
      }
      assertEquals(0, writer.rows());
      assertEquals(0, writer.bytes());
    }
  }

  @Test
  public void fullAtTheByteLimit() {
    try (ArrowBatchWriter writer = writer(ID_AND_TEXT, new BatchLimits(100, 40))) {
      assertFalse(writer.write(row(1L, "12345678")));
      assertEquals(8 + 4 + 8, writer.bytes());
      assertTrue(writer.write(row(2L, "12345678")));
    }
    StructType bytes = new StructType().add("b", new ArrayType(DataTypes.ByteType, false));
    try (ArrowBatchWriter writer = writer(bytes, new BatchLimits(100, 1 << 20))) {
      writer.write(Samples.unsafe(bytes, new Samples(1, 0).row(bytes).catalyst()));
      int elements = ((List<?>) ((List<?>) LentBatch.take(writer).get(0)).get(0)).size();
      assertEquals("int32 in Arrow, a byte in Spark", 4 + 4L * elements, writer.bytes());
    }
  }

  @Test
  public void aRowPastWhatOffsetsAddressStartsTheNextBatch() {
    try (ArrowBatchWriter writer = new ArrowBatchWriter(ID_AND_TEXT, new BatchLimits(100, 1 << 20), meter, 1, 180)) {
      String large = "x".repeat(150);
      assertFalse(writer.write(row(1L, "a")));
      InternalRow reused = row(2L, large);
      assertTrue(writer.write(reused));
      assertEquals(1, writer.rows());
      ((UnsafeRow) reused).setLong(0, -1); // Spark reuses a row as soon as write returns
      assertThrows(IllegalStateException.class, () -> writer.write(row(3L, "c")));
      assertEquals(List.of(List.of(1L, "a")), LentBatch.take(writer));
      writer.reset();
      assertEquals(1, writer.rows());
      assertTrue(writer.write(row(3L, "c")));
      assertEquals(List.of(List.of(2L, large)), LentBatch.take(writer));
      writer.reset();
      assertEquals(List.of(List.of(3L, "c")), LentBatch.take(writer));
    }
  }

  @Test
  public void aValueThatDoesNotFitItsRowIsNamed() {
    for (int size : new int[] {Integer.MAX_VALUE, -1, 1000}) {
      try (ArrowBatchWriter writer = writer(ID_AND_TEXT, new BatchLimits(100, 1 << 20))) {
        writer.write(row(1L, "abc"));
        UnsafeRow damaged = row(2L, "x");
        setSize(damaged, 1, size);
        writer.write(damaged);
        InvalidInputException refusal = assertThrows(InvalidInputException.class, writer::arrayAddress);
        assertEquals("SLUICE_VALUE_TOO_LARGE", refusal.getCondition());
        assertTrue(refusal.getMessage(), refusal.getMessage().contains("`text`: a value claims " + size + " bytes"));
        writer.reset();
        assertFalse(writer.write(row(3L, "def")));
        assertEquals(List.of(List.of(3L, "def")), LentBatch.take(writer));
      }
    }
  }

  @Test
  public void afterARowThatFailsHalfWayTheNextBatchIsClean() {
    Samples samples = new Samples(3, 0.3);
    try (ArrowBatchWriter writer = writer(NESTED, new BatchLimits(1000, 1 << 20))) {
      for (int i = 0; i < 100; i++) {
        writer.write(Samples.unsafe(NESTED, samples.row(NESTED).catalyst()));
        UnsafeRow broken = Samples.unsafe(NESTED, samples.row(NESTED).catalyst());
        broken.setNotNullAt(2);
        setSize(broken, 2, 14);
        writer.write(broken);
        assertThrows(IllegalArgumentException.class, writer::arrayAddress);
        writer.reset();
        assertEquals(0, writer.rows());
        assertEquals(0, writer.bytes());
        Samples.Sample good = samples.row(NESTED);
        writer.write(Samples.unsafe(NESTED, good.catalyst()));
        assertEquals(List.of(good.plain()), LentBatch.take(writer));
        writer.reset();
      }
    }
  }

  @Test
  public void manyRowsOfManyColumnsWithAndWithoutNulls() {
    StructType wide = new StructType();
    for (int c = 0; c < 130; c++) {
      wide = wide.add("c" + c, c % 3 == 0 ? DataTypes.LongType : c % 3 == 1 ? DataTypes.StringType : DataTypes.FloatType);
    }
    for (double nulls : new double[] {0, 0.001, 0.5}) {
      Samples samples = new Samples(9, nulls);
      List<Object> expected = new ArrayList<>();
      List<Object> taken = new ArrayList<>();
      try (ArrowBatchWriter writer = writer(wide, new BatchLimits(700, 1 << 20))) {
        for (int i = 0; i < 2500; i++) {
          Samples.Sample sample = samples.row(wide);
          expected.add(sample.plain());
          if (writer.write(Samples.unsafe(wide, sample.catalyst()))) {
            taken.addAll(LentBatch.take(writer));
            writer.reset();
          }
        }
        taken.addAll(LentBatch.take(writer));
      }
      assertEquals(expected, taken);
    }
  }

  @Test
  public void refusedMemoryRollsBackAtWhateverPointItComes() {
    Samples samples = new Samples(4, 0.3);
    List<Object> expected = new ArrayList<>();
    int refusals = 0;
    try (ArrowBatchWriter writer = writer(NESTED, new BatchLimits(1000, 1 << 20))) {
      for (int i = 0; i < 1000; i++) {
        Samples.Sample sample = samples.row(NESTED);
        InternalRow row = Samples.unsafe(NESTED, sample.catalyst());
        for (meter.limit = meter.held; !tryWrite(writer, row); meter.limit += 1000) {
          refusals++;
        }
        expected.add(sample.plain());
      }
      assertTrue("refused " + refusals + " times", refusals > 50);
      assertEquals(expected, LentBatch.take(writer));
    }
  }

  @Test
  public void refusedMemoryInTheConstructorLeavesNothing() {
    int refusals = 0;
    for (meter.limit = 0; ; meter.limit += 512) {
      try (ArrowBatchWriter writer = writer(NESTED, new BatchLimits(1000, 1 << 20))) {
        assertEquals(meter.held, writer.allocatedBytes());
        break;
      } catch (CountingMeter.Refused refused) {
        assertEquals(0, meter.held);
        refusals++;
      }
    }
    assertTrue(refusals > 5);
  }

  @Test
  public void steadyBatchesAllocateNothing() {
    try (ArrowBatchWriter writer = writer(NESTED, new BatchLimits(500, 1 << 20))) {
      long acquisitions = 0;
      for (int batch = 0; batch < 5; batch++) {
        Samples samples = new Samples(5, 0.2);
        for (int i = 0; i < 500; i++) {
          writer.write(Samples.unsafe(NESTED, samples.row(NESTED).catalyst()));
        }
        LentBatch.take(writer);
        writer.reset();
        assertTrue(batch == 0 || acquisitions == meter.acquisitions);
        acquisitions = meter.acquisitions;
      }
    }
  }

  @Test
  public void aHugeRowDoesNotKeepItsMemory() {
    try (ArrowBatchWriter writer = writer(ID_AND_TEXT, new BatchLimits(500, 1 << 10))) {
      long before = writer.allocatedBytes();
      assertTrue(writer.write(row(1L, "y".repeat(1 << 20))));
      assertTrue(writer.allocatedBytes() > 1 << 20);
      LentBatch.take(writer);
      writer.reset();
      assertTrue(writer.allocatedBytes() <= before);
      writer.write(row(null, "z"));
      assertEquals(List.of(Arrays.asList(null, "z")), LentBatch.take(writer));
    }
  }

  @Test
  public void aLentBatchIsNotTouchedAndCloseIsIdempotent() {
    ArrowBatchWriter writer = writer(ID_AND_TEXT, new BatchLimits(10, 1 << 20));
    writer.write(row(1L, "a"));
    writer.arrayAddress();
    assertTrue(writer.stillLent());
    assertThrows(IllegalStateException.class, () -> writer.write(row(2L, "b")));
    assertThrows(IllegalStateException.class, writer::reset);
    writer.close();
    writer.close();
    assertEquals(0, writer.allocatedBytes());
    assertFalse(writer.stillLent());
    assertThrows(IllegalStateException.class, () -> writer.write(row(2L, "b")));
    assertThrows(IllegalStateException.class, writer::arrayAddress);
    assertThrows(IllegalStateException.class, writer::schemaAddress);
    assertThrows(IllegalStateException.class, writer::reset);
  }

  @Test
  public void rowsOfAnotherShapeAreRefused() {
    try (ArrowBatchWriter writer = writer(NESTED, new BatchLimits(10, 1 << 20))) {
      assertThrows(IllegalArgumentException.class, () -> writer.write(row(1L, "a")));
      assertEquals(0, writer.rows());
    }
    assertThrows(IllegalArgumentException.class, () -> new BatchLimits(0, 1));
    assertThrows(IllegalArgumentException.class, () -> new BatchLimits(1, 0));
  }

  private static boolean tryWrite(ArrowBatchWriter writer, InternalRow row) {
    try {
      writer.write(row);
      return true;
    } catch (CountingMeter.Refused refused) {
      return false;
    }
  }

  /** Makes the row lie about the size of a value. */
  private static void setSize(UnsafeRow row, int ordinal, int size) {
    long slot = row.getBaseOffset() + UnsafeRow.calculateBitSetWidthInBytes(row.numFields()) + 8L * ordinal;
    long offset = Platform.getLong(row.getBaseObject(), slot) >>> 32;
    Platform.putLong(row.getBaseObject(), slot, offset << 32 | size);
  }

  private ArrowBatchWriter writer(StructType schema, BatchLimits limits) {
    return new ArrowBatchWriter(schema, limits, meter, 1);
  }

  private static UnsafeRow row(Long id, String text) {
    return Samples.unsafe(ID_AND_TEXT, new GenericInternalRow(new Object[] {id, UTF8String.fromString(text)}));
  }
}
