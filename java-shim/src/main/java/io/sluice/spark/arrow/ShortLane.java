package io.sluice.spark.arrow;

import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.unsafe.Platform;

/** Shorts, widened to int32 as Parquet stores them. */
final class ShortLane extends FixedLane {
  ShortLane(LaneField field, OffHeap memory) {
    super(field, "i", Integer.BYTES, memory);
  }

  @Override
  int slotWidth() {
    return Short.BYTES;
  }

  @Override
  void put(Object base, long container, long slot, int at) {
    Platform.putInt(null, values.address() + ((long) at << 2), Platform.getShort(base, slot));
  }

  @Override
  void putNull(int at) {
    validity.setNull(at);
    Platform.putInt(null, values.address() + ((long) at << 2), 0);
  }

  @Override
  void putValue(ColumnVector vector, int row, int at) {
    Platform.putInt(null, values.address() + ((long) at << 2), vector.getShort(row));
  }
}
