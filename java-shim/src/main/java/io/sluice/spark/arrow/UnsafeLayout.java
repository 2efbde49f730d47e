package io.sluice.spark.arrow;

import org.apache.spark.unsafe.Platform;

/**
 * Spark's binary layout of rows, arrays and maps (the class comments of UnsafeRow, UnsafeArrayData, UnsafeMapData).
 * A row is null bits in 8-byte words, then one 8-byte slot a field. An array is its length in 8 bytes, null bits in
 * 8-byte words, then packed slots of the element's width. A map is the byte size of its key array in 8 bytes, the key
 * array, the value array. A value of variable size stands elsewhere in the same container: its slot holds
 * {@code offset << 32 | size}, the offset being relative to the container. Reading slots directly makes one small
 * method serve a field and an element alike, and makes no objects.
 */
final class UnsafeLayout {
  /** Up to here a plain loop beats a call of copyMemory. */
  private static final int SHORT_COPY = 64;
  /** Bytes that {@link #copyBlock} copies. */
  static final int BLOCK = 32;

  private UnsafeLayout() {}

  /** Bytes of null bits before the slots of {@code fields} fields or elements. */
  static long nullBytes(int fields) {
    return (fields + 63L >>> 6) << 3;
  }

  static boolean isNull(Object base, long nullBits, int index) {
    return (Platform.getLong(base, nullBits + ((long) (index >>> 6) << 3)) >>> index & 1) != 0;
  }

  /** Whether any of an array's {@code count} elements is null; the bits past the last one are 0. */
  static boolean hasNull(Object base, long nullBits, int count) {
    long end = nullBits + nullBytes(count);
    for (long word = nullBits; word < end; word += 8) {
      if (Platform.getLong(base, word) != 0) {
        return true;
      }
    }
    return false;
  }

  static int arrayLength(Object base, long array) {
    return Math.toIntExact(Platform.getLong(base, array));
  }

  /** Where the value of variable size stands that {@code slot} of {@code container} describes. */
  static long target(Object base, long container, long slot) {
    return container + (Platform.getLong(base, slot) >>> 32);
  }

  static int targetSize(Object base, long slot) {
    return (int) Platform.getLong(base, slot);
  }

  /** Copies exactly {@code size} bytes to native memory; reads and writes no byte beyond them. */
  static void copy(Object base, long source, long destination, int size) {
    if (size > SHORT_COPY) {
      Platform.copyMemory(base, source, null, destination, size);
    } else if (size >= 8) {
      int last = size - 8; // the last word overlaps the one before it
      for (int i = 0; i < last; i += 8) {
        Platform.putLong(null, destination + i, Platform.getLong(base, source + i));
      }
      Platform.putLong(null, destination + last, Platform.getLong(base, source + last));
    } else if (size >= 4) {
      int last = size - 4;
      int tail = Platform.getInt(base, source + last);
      Platform.putInt(null, destination, Platform.getInt(base, source));
      Platform.putInt(null, destination + last, tail);
    } else {
      for (int i = 0; i < size; i++) {
        Platform.putByte(null, destination + i, Platform.getByte(base, source + i));
      }
    }
  }

  /** Copies {@link #BLOCK} bytes within native memory, of which fewer may be wanted: no size to branch on. */
  static void copyBlock(long source, long destination) {
    long first = Platform.getLong(null, source);
    long second = Platform.getLong(null, source + 8);
    long third = Platform.getLong(null, source + 16);
    long fourth = Platform.getLong(null, source + 24);
    Platform.putLong(null, destination, first);
    Platform.putLong(null, destination + 8, second);
    Platform.putLong(null, destination + 16, third);
    Platform.putLong(null, destination + 24, fourth);
  }
}
