package io.sluice.spark.arrow;

import java.nio.charset.StandardCharsets;
import org.apache.spark.unsafe.Platform;

/**
 * A tree of lanes as {@code struct ArrowSchema} of the Arrow C Data Interface
 * (https://arrow.apache.org/docs/format/CDataInterface.html): 72 bytes a node, all of them, their pointer arrays and
 * their strings in one block of native memory that lives until {@link #free}.
 */
final class ArrowSchemaStruct {
  private static final int SIZE = 72;
  private static final long NULLABLE = 2;

  private final Buffer block;
  private final long release;
  private long next;

  ArrowSchemaStruct(Lane root, long release, OffHeap memory) {
    this.block = new Buffer(memory);
    this.release = release;
    block.reserve(sizeOf(root));
    next = block.address();
    write(root);
  }

  long address() {
    return block.address();
  }

  void free() {
    block.free();
  }

  private long write(Lane lane) {
    Lane[] children = lane.children();
    long struct = take(SIZE);
    long pointers = take(8L * children.length);
    for (int i = 0; i < children.length; i++) {
      Platform.putLong(null, pointers + 8L * i, write(children[i]));
    }
    Platform.putLong(null, struct, text(lane.format));
    Platform.putLong(null, struct + 8, text(lane.field.name()));
    Platform.putLong(null, struct + 16, 0); // metadata
    Platform.putLong(null, struct + 24, lane.field.nullable() ? NULLABLE : 0);
    Platform.putLong(null, struct + 32, children.length);
    Platform.putLong(null, struct + 40, children.length == 0 ? 0 : pointers);
    Platform.putLong(null, struct + 48, 0); // dictionary
    Platform.putLong(null, struct + 56, release);
    Platform.putLong(null, struct + 64, 0); // private_data
    return struct;
  }

  /** Writes NUL-terminated UTF-8. */
  private long text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    long address = take(textSize(bytes));
    Platform.copyMemory(bytes, Platform.BYTE_ARRAY_OFFSET, null, address, bytes.length);
    Platform.putByte(null, address + bytes.length, (byte) 0);
    return address;
  }

  private long take(long size) {
    long address = next;
    next += size;
    return address;
  }

  private static long sizeOf(Lane lane) {
    long size = SIZE + 8L * lane.children().length;
    size += textSize(lane.format.getBytes(StandardCharsets.UTF_8)) + textSize(lane.field.name().getBytes(StandardCharsets.UTF_8));
    for (Lane child : lane.children()) {
      size += sizeOf(child);
    }
    return size;
  }

  /** With the NUL, rounded up so that the next struct stays aligned. */
  private static long textSize(byte[] bytes) {
    return (bytes.length + 8L) >>> 3 << 3;
  }
}
