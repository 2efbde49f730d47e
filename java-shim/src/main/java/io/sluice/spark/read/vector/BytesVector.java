package io.sluice.spark.read.vector;

import org.apache.spark.sql.types.DataType;
import org.apache.spark.unsafe.Platform;
import org.apache.spark.unsafe.types.UTF8String;

/** Strings and binary, as Arrow's binary views: 16 bytes each, that hold a short value or say where a long one is. */
class BytesVector extends NativeVector {
  private static final int INLINE = 12;
  private static final long[] NONE = {};

  private long views;
  private long[] buffers = NONE;

  BytesVector(DataType type) {
    super(type);
  }

  @Override
  void readValues(Description column) {
    views = column.next();
    int count = column.nextInt();
    if (buffers.length != count) {
      buffers = new long[count];
    }
    for (int i = 0; i < count; i++) {
      buffers[i] = column.next();
    }
  }

  @Override
  public UTF8String getUTF8String(int row) {
    if (isNullAt(row)) {
      return null;
    }
    long view = view(row);
    int length = Platform.getInt(null, view);
    return UTF8String.fromAddress(null, start(view, length), length);
  }

  @Override
  public byte[] getBinary(int row) {
    if (isNullAt(row)) {
      return null;
    }
    long view = view(row);
    byte[] bytes = new byte[Platform.getInt(null, view)];
    Platform.copyMemory(null, start(view, bytes.length), bytes, Platform.BYTE_ARRAY_OFFSET, bytes.length);
    return bytes;
  }

  private long view(int row) {
    return views + 16L * index(row);
  }

  private long start(long view, int length) {
    return length <= INLINE
        ? view + 4
        : buffers[Platform.getInt(null, view + 8)] + Platform.getInt(null, view + 12);
  }
}
