package io.sluice.spark.arrow;

import org.apache.spark.unsafe.Platform;

/** Decimals of at most 9 digits: Spark keeps them unscaled in a long, Parquet in an int32. */
final class SmallDecimalLane extends FixedLane {
  SmallDecimalLane(LaneField field, OffHeap memory) {
    super(field, "i", Integer.BYTES, memory);
  }

  @Override
  int slotWidth() {
    return Long.BYTES;
  }

  @Override
  void put(Object base, long container, long slot, int at) {
    Platform.putInt(null, values.address() + ((long) at << 2), (int) Platform.getLong(base, slot));
  }

  @Override
  void putNull(int at) {
    validity.setNull(at);
    Platform.putInt(null, values.address() + ((long) at << 2), 0);
  }
}
