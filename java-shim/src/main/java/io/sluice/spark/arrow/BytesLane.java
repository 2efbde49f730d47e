package io.sluice.spark.arrow;

/** Strings and binaries: their bytes as they are, so invalid UTF-8 passes through. */
final class BytesLane extends OffsetsLane {
  private static final long INITIAL_BYTES = 4096;

  private final Buffer data;
  private final Tally tally;

  BytesLane(LaneField field, OffHeap memory, Tally tally) {
    super(field, "z", memory);
    this.data = new Buffer(memory);
    this.tally = tally;
  }

  @Override
  void reserve(int capacity) {
    super.reserve(capacity);
    data.reserve(INITIAL_BYTES);
  }

  @Override
  void put(Object base, long container, long slot, int at) {
    putBytes(base, UnsafeLayout.target(base, container, slot), UnsafeLayout.targetSize(base, slot), at);
  }

  void putBytes(Object base, long source, int size, int at) {
    int start = end();
    int newEnd = endAfter(size, "bytes");
    if (newEnd > data.size()) {
      data.reserve(Math.max(newEnd, Math.min(2 * data.size(), Integer.MAX_VALUE)));
    }
    UnsafeLayout.copy(base, source, data.address() + start, size);
    tally.bytes += size;
    seal(at, newEnd);
  }

  @Override
  void free() {
    super.free();
    data.free();
  }

  @Override
  int bufferCount() {
    return 3;
  }

  @Override
  long buffer(int index) {
    return index == 2 ? data.address() : super.buffer(index);
  }
}
