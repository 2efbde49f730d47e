package io.sluice.spark.arrow;

import org.apache.spark.unsafe.Platform;

/** Four bytes copied as they are: int and date ({@code i}), float ({@code f}; so the bits of a NaN and of -0.0 stay). */
final class IntLane extends FixedLane {
  IntLane(LaneField field, String format, OffHeap memory) {
    super(field, format, Integer.BYTES, memory);
  }

  @Override
  int slotWidth() {
    return Integer.BYTES;
  }

  @Override
  void put(Object base, long container, long slot, int at) {
    Platform.putInt(null, values.address() + ((long) at << 2), Platform.getInt(base, slot));
  }

  @Override
  void putNull(int at) {
    validity.setNull(at);
    Platform.putInt(null, values.address() + ((long) at << 2), 0);
  }

  /** Spark's packed elements are Arrow's: one copy when none is null. */
  @Override
  void putElements(Object base, long array, int count, int at) {
    long nullBits = array + 8;
    if (UnsafeLayout.hasNull(base, nullBits, count)) {
      super.putElements(base, array, count, at);
    } else {
      long slots = nullBits + UnsafeLayout.nullBytes(count);
      Platform.copyMemory(base, slots, null, values.address() + ((long) at << 2), (long) count << 2);
    }
  }
}
