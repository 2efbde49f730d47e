package io.sluice.spark.arrow;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.unsafe.Platform;

/**
 * Reads the C structs of a lent batch back, from the Arrow specification alone. Values come as Boolean, Integer, Long,
 * Float, Double, BigInteger ("w"), String (one char a byte, "z"), List (struct, list) and List of key-value Lists (map).
 */
final class LentBatch {
  record Field(String format, String name, long flags, List<Field> children) {}

  private LentBatch() {}

  static Field schema(long struct) {
    List<Field> children = new ArrayList<>();
    for (int i = 0; i < get(struct + 32); i++) {
      children.add(schema(get(get(struct + 40) + 8L * i)));
    }
    check(get(struct + 16) == 0 && get(struct + 48) == 0 && get(struct + 64) == 0, "metadata, dictionary, private_data");
    return new Field(text(get(struct)), text(get(struct + 8)), get(struct + 24), children);
  }

  /** All rows, then does what the release callback does. */
  static List<Object> take(ArrowBatchWriter writer) {
    long array = writer.arrayAddress();
    check(writer.stillLent(), "lent");
    List<Object> rows = new ArrayList<>();
    for (int i = 0; i < get(array); i++) {
      rows.add(value(schema(writer.schemaAddress()), array, i));
    }
    checkNulls(schema(writer.schemaAddress()), array);
    Platform.putLong(null, get(array + 72), 0);
    check(!writer.stillLent(), "released");
    return rows;
  }

  private static Object value(Field field, long array, int i) {
    check(i < get(array), "index in range");
    return isNull(field, array, i) ? null : present(field, array, i);
  }

  private static boolean isNull(Field field, long array, int i) {
    if (field.format().equals("n")) {
      return true;
    }
    long bitmap = buffer(array, 0);
    return bitmap != 0 && (Platform.getByte(null, bitmap + (i >> 3)) >> (i & 7) & 1) == 0;
  }

  private static Object present(Field field, long array, int i) {
    switch (field.format()) {
      case "b":
        return (Platform.getByte(null, buffer(array, 1) + (i >> 3)) >> (i & 7) & 1) == 1;
      case "i":
        return Platform.getInt(null, buffer(array, 1) + 4L * i);
      case "l":
        return get(buffer(array, 1) + 8L * i);
      case "f":
        return Platform.getFloat(null, buffer(array, 1) + 4L * i);
      case "g":
        return Platform.getDouble(null, buffer(array, 1) + 8L * i);
      case "z":
        return bytes(buffer(array, 2) + offset(array, i), offset(array, i + 1) - offset(array, i));
      case "+s":
        List<Object> values = new ArrayList<>();
        for (int c = 0; c < field.children().size(); c++) {
          check(get(child(array, c)) == get(array), "length of a field");
          values.add(value(field.children().get(c), child(array, c), i));
        }
        return values;
      case "+l", "+m":
        List<Object> elements = new ArrayList<>();
        for (int e = offset(array, i); e < offset(array, i + 1); e++) {
          elements.add(value(field.children().get(0), child(array, 0), e));
        }
        return elements;
      default:
        int width = Integer.parseInt(field.format().substring(2));
        String unscaled = bytes(buffer(array, 1) + (long) width * i, width);
        return new BigInteger(unscaled.getBytes(StandardCharsets.ISO_8859_1));
    }
  }

  /** Null counts are exact, bitmaps absent without nulls, children of a null struct null, buffer counts right. */
  private static void checkNulls(Field field, long array) {
    int nulls = 0;
    for (int i = 0; i < get(array); i++) {
      boolean isNull = isNull(field, array, i);
      nulls += isNull ? 1 : 0;
      for (int c = 0; isNull && field.format().equals("+s") && c < field.children().size(); c++) {
        check(isNull(field.children().get(c), child(array, c), i), "child of a null struct");
      }
    }
    check(nulls == get(array + 8), "null count of " + field);
    int buffers = switch (field.format()) {
      case "n" -> 0;
      case "+s" -> 1;
      case "z" -> 3;
      default -> 2;
    };
    check(buffers == get(array + 24), "buffers of " + field);
    check(buffers == 0 || nulls > 0 == (buffer(array, 0) != 0), "bitmap of " + field);
    for (int b = 1; b < buffers; b++) {
      check(buffer(array, b) != 0 && buffer(array, b) % 8 == 0, "alignment of " + field);
    }
    check(get(array + 16) == 0 && get(array + 56) == 0, "offset, dictionary");
    check(get(array + 32) == field.children().size(), "children of " + field);
    for (int c = 0; c < field.children().size(); c++) {
      check(get(child(array, c) + 72) == 0, "private_data of a child");
      checkNulls(field.children().get(c), child(array, c));
    }
  }

  private static long buffer(long array, int index) {
    return get(get(array + 40) + 8L * index);
  }

  private static long child(long array, int index) {
    return get(get(array + 48) + 8L * index);
  }

  private static int offset(long array, int i) {
    check(Platform.getInt(null, buffer(array, 1)) == 0, "first offset");
    return Platform.getInt(null, buffer(array, 1) + 4L * i);
  }

  private static long get(long address) {
    return Platform.getLong(null, address);
  }

  private static String bytes(long address, int size) {
    byte[] bytes = new byte[size];
    Platform.copyMemory(null, address, bytes, Platform.BYTE_ARRAY_OFFSET, size);
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private static String text(long address) {
    int size = 0;
    while (Platform.getByte(null, address + size) != 0) {
      size++;
    }
    return new String(bytes(address, size).getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }

  private static void check(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError("Broken: " + what);
    }
  }
}
