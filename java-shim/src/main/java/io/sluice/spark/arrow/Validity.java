package io.sluice.spark.arrow;

import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.unsafe.Platform;

/**
 * An Arrow validity bitmap (1 = valid) that costs nothing while no null is written: it is allocated at the first null
 * and filled with ones over its whole capacity, so that only nulls ever touch it.
 */
final class Validity {
  private static final byte ONES = (byte) 0xFF;

  private final Buffer bits;
  private int capacity;
  private int nulls;

  Validity(OffHeap memory) {
    bits = new Buffer(memory);
  }

  int nulls() {
    return nulls;
  }

  /** Address of the bitmap, or 0 when there is no null, as the Arrow C Data Interface allows. */
  long address() {
    return nulls == 0 ? 0 : bits.address();
  }

  void reserve(int rows) {
    capacity = Math.max(capacity, rows);
    if (bits.size() > 0) {
      fillTo(capacity);
    }
  }

  void setNull(int at) {
    if (bits.size() == 0) {
      fillTo(capacity);
    }
    long cell = bits.address() + (at >>> 3);
    Platform.putByte(null, cell, (byte) (Platform.getByte(null, cell) & ~(1 << (at & 7))));
    nulls++;
  }

  /** Sets null what is null among the values {@code from} to {@code from + count} of {@code vector}. */
  void putColumn(ColumnVector vector, int from, int count, int at) {
    if (vector.hasNull()) {
      for (int i = 0; i < count; i++) {
        if (vector.isNullAt(from + i)) {
          setNull(at + i);
        }
      }
    }
  }

  /** Forgets every null at or after {@code length}. */
  void truncate(int length) {
    if (nulls == 0) {
      return;
    }
    long edge = bits.address() + (length >>> 3);
    long end = bits.address() + bits.size();
    if ((length & 7) != 0) {
      Platform.putByte(null, edge, (byte) (Platform.getByte(null, edge) | 0xFF << (length & 7)));
      edge++;
    }
    Platform.setMemory(edge, ONES, end - edge);
    nulls = countZeros(edge);
  }

  void free() {
    bits.free();
    capacity = 0;
    nulls = 0;
  }

  private int countZeros(long end) {
    int zeros = 0;
    for (long cell = bits.address(); cell < end; cell++) {
      zeros += 8 - Integer.bitCount(Platform.getByte(null, cell) & 0xFF);
    }
    return zeros;
  }

  private void fillTo(int rows) {
    long before = bits.size();
    bits.reserve((rows + 7L) >>> 3);
    Platform.setMemory(bits.address() + before, ONES, bits.size() - before);
  }
}
