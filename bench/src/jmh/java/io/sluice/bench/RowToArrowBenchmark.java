package io.sluice.bench;

import io.sluice.spark.arrow.ArrowBatchWriter;
import io.sluice.spark.arrow.BatchLimits;
import io.sluice.spark.arrow.MemoryMeter;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.execution.vectorized.OnHeapColumnVector;
import org.apache.spark.sql.execution.vectorized.WritableColumnVector;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.unsafe.types.UTF8String;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Spark's rows, and its column vectors, to Arrow in native memory: nanoseconds a value of lineitem's 16 columns. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class RowToArrowBenchmark {
  /** Rows of one batch: what Spark's vectorized readers yield. */
  private static final int ROWS = 4096;

  private static final int COLUMNS = 16;
  private static final String[] SHIP_MODES = {"REG AIR", "AIR", "RAIL", "SHIP", "TRUCK", "MAIL", "FOB"};
  private static final String[] INSTRUCTIONS = {"DELIVER IN PERSON", "COLLECT COD", "NONE", "TAKE BACK RETURN"};
  private static final String TEXT = "carefully final deposits detect slyly agai furiously even packages";
  private static final StructType SCHEMA = StructType.fromDDL(
      "l_orderkey BIGINT, l_partkey BIGINT, l_suppkey BIGINT, l_linenumber INT, l_quantity DECIMAL(15,2), "
          + "l_extendedprice DECIMAL(15,2), l_discount DECIMAL(15,2), l_tax DECIMAL(15,2), l_returnflag STRING, "
          + "l_linestatus STRING, l_shipdate DATE, l_commitdate DATE, l_receiptdate DATE, l_shipinstruct STRING, "
          + "l_shipmode STRING, l_comment STRING");

  private UnsafeRow[] rows;
  private ColumnVector[] columns;
  private ArrowBatchWriter writer;

  @Setup
  public void fill() {
    SplittableRandom random = new SplittableRandom(42);
    UnsafeProjection unsafe = UnsafeProjection.create(SCHEMA);
    WritableColumnVector[] vectors = OnHeapColumnVector.allocateColumns(ROWS, SCHEMA);
    rows = new UnsafeRow[ROWS];
    for (int r = 0; r < ROWS; r++) {
      Object[] values = row(random, r);
      rows[r] = unsafe.apply(new GenericInternalRow(values)).copy();
      fill(vectors, rows[r], r);
    }
    columns = vectors;
    writer = new ArrowBatchWriter(SCHEMA, new BatchLimits(ROWS, BatchLimits.MAX_BYTES), MemoryMeter.NONE, 0);
  }

  @TearDown
  public void free() {
    writer.close();
    for (ColumnVector column : columns) {
      column.close();
    }
  }

  /** The floor: what it takes to look at every row. */
  @Benchmark
  @OperationsPerInvocation(ROWS * COLUMNS)
  public long iterate() {
    long bytes = 0;
    for (InternalRow row : rows) {
      bytes += ((UnsafeRow) row).getSizeInBytes();
    }
    return bytes;
  }

  @Benchmark
  @OperationsPerInvocation(ROWS * COLUMNS)
  public long rows() {
    for (InternalRow row : rows) {
      writer.write(row);
    }
    long bytes = writer.bytes();
    writer.reset();
    return bytes;
  }

  @Benchmark
  @OperationsPerInvocation(ROWS * COLUMNS)
  public long columns() {
    writer.writeColumns(columns, 0, ROWS);
    long bytes = writer.bytes();
    writer.reset();
    return bytes;
  }

  private static Object[] row(SplittableRandom random, int r) {
    int day = 8036 + random.nextInt(2526);
    int words = random.nextInt(TEXT.length() - 44);
    return new Object[] {
      r / 4L, random.nextLong(200_000), random.nextLong(10_000), r % 7 + 1, money(random, 5_000), money(random, 10_000_000),
      money(random, 11), money(random, 9), UTF8String.fromString("RAN".substring(r % 3, r % 3 + 1)),
      UTF8String.fromString(r % 2 == 0 ? "O" : "F"), day, day + random.nextInt(30), day + random.nextInt(30),
      UTF8String.fromString(INSTRUCTIONS[random.nextInt(4)]), UTF8String.fromString(SHIP_MODES[random.nextInt(7)]),
      UTF8String.fromString(TEXT.substring(words, words + 10 + random.nextInt(34)))
    };
  }

  private static Decimal money(SplittableRandom random, long cents) {
    return Decimal.createUnsafe(random.nextLong(cents), 15, 2);
  }

  private static void fill(WritableColumnVector[] vectors, UnsafeRow row, int at) {
    for (int c = 0; c < COLUMNS; c++) {
      switch (SCHEMA.apply(c).dataType().typeName()) {
        case "long" -> vectors[c].putLong(at, row.getLong(c));
        case "integer", "date" -> vectors[c].putInt(at, row.getInt(c));
        case "string" -> vectors[c].putByteArray(at, row.getUTF8String(c).getBytes());
        default -> vectors[c].putLong(at, row.getDecimal(c, 15, 2).toUnscaledLong());
      }
    }
  }
}
