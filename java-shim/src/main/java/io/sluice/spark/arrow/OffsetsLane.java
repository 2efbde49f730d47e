package io.sluice.spark.arrow;

import io.sluice.spark.InvalidInputException;
import io.sluice.spark.error.Unchecked;
import org.apache.spark.unsafe.Platform;

/** Values of variable length: int32 offsets, the first 0, into contents that a subclass holds. */
abstract sealed class OffsetsLane extends Lane permits BytesLane, CollectionLane {
  private final Buffer offsets;
  /** Contents written so far: the last offset. */
  private int end;

  OffsetsLane(LaneField field, String format, OffHeap memory) {
    super(field, format, memory);
    this.offsets = new Buffer(memory);
  }

  final int end() {
    return end;
  }

  /** Ends the value {@code at}, whose contents reach to {@code newEnd}. */
  final void seal(int at, int newEnd) {
    end = newEnd;
    Platform.putInt(null, endAddress(at), newEnd);
  }

  /** Where it stands how far the contents of the value {@code at} reach; the next values' ends follow. */
  final long endAddress(int at) {
    return offsets.address() + ((long) at + 1 << 2);
  }

  /** {@code end + size}, unless int32 offsets cannot say it; {@code unit} is for the message. */
  final int endAfter(int size, String unit) {
    long newEnd = (long) end + size;
    if (size < 0 || newEnd > Integer.MAX_VALUE) {
      throw Unchecked.raise(new InvalidInputException(
          "SLUICE_VALUE_TOO_LARGE",
          "Cannot write column `" + field.path() + "`: a value of " + size + " " + unit + " after " + end
              + " in the same batch; together at most " + Integer.MAX_VALUE + " fit",
          null));
    }
    return (int) newEnd;
  }

  @Override
  final int slotWidth() {
    return Long.BYTES;
  }

  @Override
  final int fixedBytes() {
    return Integer.BYTES;
  }

  @Override
  void reserve(int capacity) {
    boolean fresh = offsets.size() == 0;
    offsets.reserve(4L * capacity + 4);
    if (fresh) {
      Platform.putInt(null, offsets.address(), 0);
    }
    validity.reserve(capacity);
  }

  @Override
  final void putNull(int at) {
    validity.setNull(at);
    seal(at, end);
  }

  @Override
  void truncate(int length) {
    end = offsets.size() == 0 ? 0 : Platform.getInt(null, offsets.address() + ((long) length << 2));
    validity.truncate(length);
  }

  @Override
  void free() {
    offsets.free();
    validity.free();
    end = 0;
  }

  @Override
  int bufferCount() {
    return 2;
  }

  @Override
  long buffer(int index) {
    return index == 0 ? validity.address() : offsets.address();
  }

  @Override
  final int childLength(int length) {
    return end;
  }
}
