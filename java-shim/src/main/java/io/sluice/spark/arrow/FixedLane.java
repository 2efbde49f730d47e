package io.sluice.spark.arrow;

/** Values of one fixed width, side by side. */
abstract sealed class FixedLane extends Lane permits ByteLane, ShortLane, IntLane, LongLane, SmallDecimalLane, WideDecimalLane {
  final Buffer values;
  private final int width;

  FixedLane(LaneField field, String format, int width, OffHeap memory) {
    super(field, format, memory);
    this.width = width;
    this.values = new Buffer(memory);
  }

  @Override
  final int fixedBytes() {
    return width;
  }

  @Override
  final void reserve(int capacity) {
    values.reserve((long) width * capacity);
    validity.reserve(capacity);
  }

  @Override
  final void truncate(int length) {
    validity.truncate(length);
  }

  @Override
  final void free() {
    values.free();
    validity.free();
  }

  @Override
  final int bufferCount() {
    return 2;
  }

  @Override
  final long buffer(int index) {
    return index == 0 ? validity.address() : values.address();
  }
}
