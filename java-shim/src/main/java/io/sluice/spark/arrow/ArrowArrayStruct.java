package io.sluice.spark.arrow;

import org.apache.spark.unsafe.Platform;

/**
 * A tree of lanes as {@code struct ArrowArray} of the Arrow C Data Interface
 * (https://arrow.apache.org/docs/format/CDataInterface.html): 80 bytes a node, with their pointer arrays in one block
 * of native memory that lives until {@link #free}. The buffers are lent: only the root's release callback has
 * something to do, and that is to write 0 into the cell that its private_data points at.
 */
final class ArrowArrayStruct {
  private static final int CELL = 8;
  private static final int SIZE = 80;

  private final Buffer block;
  private final Lane root;
  private final long release;
  private long next;

  ArrowArrayStruct(Lane root, long release, OffHeap memory) {
    this.block = new Buffer(memory);
    this.root = root;
    this.release = release;
    block.reserve(CELL + sizeOf(root));
    Platform.putLong(null, block.address(), 0);
  }

  /** Describes the first {@code length} rows, marks them lent and returns the root's address. */
  long lend(int length) {
    next = block.address() + CELL;
    long struct = write(root, length);
    Platform.putLong(null, struct + 72, block.address());
    Platform.putLong(null, block.address(), 1);
    return struct;
  }

  boolean stillLent() {
    return block.size() > 0 && Platform.getLong(null, block.address()) != 0;
  }

  void free() {
    block.free();
  }

  /** Written anew for each batch, as a consumer may move a struct away and leave zeros behind. */
  private long write(Lane lane, int length) {
    Lane[] children = lane.children();
    int buffers = lane.bufferCount();
    long struct = take(SIZE);
    long bufferPointers = take(8L * buffers);
    long childPointers = take(8L * children.length);
    for (int i = 0; i < buffers; i++) {
      Platform.putLong(null, bufferPointers + 8L * i, lane.buffer(i));
    }
    for (int i = 0; i < children.length; i++) {
      Platform.putLong(null, childPointers + 8L * i, write(children[i], lane.childLength(length)));
    }
    Platform.putLong(null, struct, length);
    Platform.putLong(null, struct + 8, lane.nullCount(length));
    Platform.putLong(null, struct + 16, 0); // offset
    Platform.putLong(null, struct + 24, buffers);
    Platform.putLong(null, struct + 32, children.length);
    Platform.putLong(null, struct + 40, buffers == 0 ? 0 : bufferPointers);
    Platform.putLong(null, struct + 48, children.length == 0 ? 0 : childPointers);
    Platform.putLong(null, struct + 56, 0); // dictionary
    Platform.putLong(null, struct + 64, release);
    Platform.putLong(null, struct + 72, 0); // private_data
    return struct;
  }

  private long take(long size) {
    long address = next;
    next += size;
    return address;
  }

  private static long sizeOf(Lane lane) {
    long size = SIZE + 8L * (lane.bufferCount() + lane.children().length);
    for (Lane child : lane.children()) {
      size += sizeOf(child);
    }
    return size;
  }
}
