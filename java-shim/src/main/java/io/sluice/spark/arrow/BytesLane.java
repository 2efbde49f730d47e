package io.sluice.spark.arrow;

import io.sluice.spark.InvalidInputException;
import io.sluice.spark.error.Unchecked;
import org.apache.spark.sql.execution.vectorized.WritableColumnVector;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.unsafe.Platform;
import org.apache.spark.unsafe.types.UTF8String;

/** Strings and binaries: their bytes as they are, so invalid UTF-8 passes through. */
final class BytesLane extends OffsetsLane implements ColumnLane {
  private static final long INITIAL_BYTES = 4096;

  private final Buffer data;
  private final Tally tally;
  private final DecodedValues decoded = new DecodedValues();

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
    makeRoom(newEnd);
    UnsafeLayout.copy(base, source, data.address() + start, size);
    tally.bytes += size;
    seal(at, newEnd);
  }

  /** Room is made once, for all that the rows can hold, and for a block behind the last value. */
  @Override
  void putStaged(StagedRows staged, int field, int at) {
    int room = endAfter(staged.bytes(), "bytes");
    makeRoom((long) room + UnsafeLayout.BLOCK);
    boolean nulls = staged.mayHaveNull(field);
    int count = staged.count();
    long[] rows = staged.rows();
    long slot = staged.slot(field);
    long target = data.address();
    long ends = endAddress(at);
    int first = end();
    int end = first;
    for (int i = 0; i < count; i++) {
      if (nulls && staged.isNull(i, field)) {
        validity.setNull(at + i);
      } else {
        int size = UnsafeLayout.targetSize(null, rows[i] + slot);
        if (size < 0 || size > room - end) {
          throw damaged(size, staged.bytes());
        }
        copy(UnsafeLayout.target(null, rows[i], rows[i] + slot), target + end, size);
        end += size;
      }
      Platform.putInt(null, ends + ((long) i << 2), end);
    }
    tally.bytes += end - first;
    seal(at + count - 1, end);
  }

  /** Short values by the block, however long they are: there is room behind them. */
  private static void copy(long source, long target, int size) {
    if (size <= UnsafeLayout.BLOCK) {
      UnsafeLayout.copyBlock(source, target);
    } else {
      UnsafeLayout.copy(null, source, target, size);
    }
  }

  private RuntimeException damaged(int size, int bytes) {
    return Unchecked.raise(new InvalidInputException(
        "SLUICE_VALUE_TOO_LARGE",
        "Cannot write column `" + field.path() + "`: a value claims " + size + " bytes among rows of " + bytes
            + " bytes in all; the plan that made them is at fault",
        null));
  }

  private void makeRoom(long bytes) {
    if (bytes > data.size()) {
      data.reserve(Math.max(bytes, Math.min(2 * data.size(), Integer.MAX_VALUE)));
    }
  }

  @Override
  public boolean putColumn(ColumnVector vector, int from, int count, int at) {
    if (vector instanceof WritableColumnVector encoded && encoded.hasDictionary()) {
      return putEncoded(encoded, from, count, at);
    }
    boolean nulls = vector.hasNull();
    boolean arrays = vector.dataType() instanceof BinaryType && !(vector instanceof WritableColumnVector);
    for (int i = 0; i < count; i++) {
      if (nulls && vector.isNullAt(from + i)) {
        putNull(at + i);
      } else if (!(arrays ? putArray(vector.getBinary(from + i), at + i) : putView(vector.getUTF8String(from + i), at + i))) {
        return false;
      }
    }
    return true;
  }

  /** Dictionary-encoded values of Spark's own vectors, which would decode each one anew. */
  private boolean putEncoded(WritableColumnVector vector, int from, int count, int at) {
    decoded.forget();
    for (int i = 0; i < count; i++) {
      if (vector.isNullAt(from + i)) {
        putNull(at + i);
      } else if (!putView(decoded.get(vector, from + i), at + i)) {
        return false;
      }
    }
    return true;
  }

  private boolean putArray(byte[] bytes, int at) {
    if (!tally.fits(bytes.length)) {
      return false;
    }
    putBytes(bytes, Platform.BYTE_ARRAY_OFFSET, bytes.length, at);
    return true;
  }

  /** Text, and binaries of Spark's own vectors, which hold both alike: bytes seen in place, of whatever encoding. */
  private boolean putView(UTF8String text, int at) {
    int size = text.numBytes();
    if (!tally.fits(size)) {
      return false;
    }
    putBytes(text.getBaseObject(), text.getBaseOffset(), size, at);
    return true;
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
