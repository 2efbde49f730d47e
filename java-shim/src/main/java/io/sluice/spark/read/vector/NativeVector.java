package io.sluice.spark.read.vector;

import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarArray;
import org.apache.spark.sql.vectorized.ColumnarMap;
import org.apache.spark.unsafe.Platform;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * Spark's {@code ColumnVector} over Arrow buffers that native code owns. A vector is pointed at one batch after the
 * other and owns nothing: what it points at lives until the reader's next call. Getters neither check nor copy.
 */
public abstract class NativeVector extends ColumnVector {
  /** Of a block of zeros, as large as any value. */
  static final long ZEROS = zeros(16);

  private static final int FOR_ALL = 1;
  private static final int NULL = 2;

  /** Ands row numbers: all ones, or zero where one value holds for all rows. */
  private int rowMask = -1;

  private int nulls;
  /** Of the bitmap, in which ones are values; 0 if there is none. */
  private long validity;

  private int firstBit;

  NativeVector(DataType type) {
    super(type);
  }

  /** Points this vector, and those below it, at the next described column. */
  public final void read(Description column) {
    int mode = column.nextInt();
    nulls = column.nextInt();
    validity = column.next();
    firstBit = column.nextInt();
    rowMask = mode == FOR_ALL ? 0 : -1;
    if (mode == NULL) {
      setNull();
    } else {
      readValues(column);
    }
  }

  /** Reads what follows the validity. */
  abstract void readValues(Description column);

  /**
   * All rows are null, here and below. Spark does not ask whether a value is null in columns that must have none, which a
   * damaged table can lack: so values are read from memory that is there.
   */
  void setNull() {
    nulls = Integer.MAX_VALUE;
    validity = 0;
    rowMask = 0;
  }

  /** Where the value of a row is. */
  final int index(int row) {
    return row & rowMask;
  }

  @Override
  public final boolean hasNull() {
    return nulls != 0;
  }

  @Override
  public final int numNulls() {
    return nulls;
  }

  @Override
  public final boolean isNullAt(int row) {
    return nulls != 0 && (validity == 0 || !bit(validity, firstBit + row));
  }

  private static long zeros(int bytes) {
    long block = Platform.allocateMemory(bytes);
    Platform.setMemory(block, (byte) 0, bytes);
    return block;
  }

  static boolean bit(long bitmap, int bit) {
    return (Platform.getByte(null, bitmap + (bit >>> 3)) >>> (bit & 7) & 1) != 0;
  }

  /** Nothing: the reader frees the memory. */
  @Override
  public final void close() {}

  @Override
  public boolean getBoolean(int row) {
    throw other("boolean");
  }

  @Override
  public byte getByte(int row) {
    throw other("byte");
  }

  @Override
  public short getShort(int row) {
    throw other("short");
  }

  @Override
  public int getInt(int row) {
    throw other("int");
  }

  @Override
  public long getLong(int row) {
    throw other("long");
  }

  @Override
  public float getFloat(int row) {
    throw other("float");
  }

  @Override
  public double getDouble(int row) {
    throw other("double");
  }

  @Override
  public ColumnarArray getArray(int row) {
    throw other("array");
  }

  @Override
  public ColumnarMap getMap(int row) {
    throw other("map");
  }

  @Override
  public Decimal getDecimal(int row, int precision, int scale) {
    throw other("decimal");
  }

  @Override
  public UTF8String getUTF8String(int row) {
    throw other("string");
  }

  @Override
  public byte[] getBinary(int row) {
    throw other("binary");
  }

  @Override
  public ColumnVector getChild(int ordinal) {
    throw other("struct");
  }

  private UnsupportedOperationException other(String wanted) {
    return new UnsupportedOperationException("a column of type " + type.simpleString() + " has no " + wanted);
  }
}
