package io.sluice.spark.arrow;

/**
 * One node of the Arrow tree: a column, or a part of a nested one, as growing native buffers.
 * A lane does not know its own length: its owner says at which index to write, and reserves room beforehand. So lanes
 * of one row cannot come to differ in length, and taking back a half-written row is {@link #truncate}.
 * Values are read from Spark's binary layout ({@link UnsafeLayout}) in place.
 */
abstract sealed class Lane permits FixedLane, BooleanLane, OffsetsLane, StructLane, VariantLane, VoidLane {
  static final Lane[] NO_CHILDREN = {};

  final LaneField field;
  /** Format string of the Arrow C Data Interface. */
  final String format;
  final Validity validity;

  Lane(LaneField field, String format, OffHeap memory) {
    this.field = field;
    this.format = format;
    this.validity = new Validity(memory);
  }

  /** Width in bytes of this lane's slots in Spark's arrays; in rows all slots have 8. */
  abstract int slotWidth();

  /** Arrow bytes that each value takes whatever it holds, children of structs included; at least 1, so that it bounds counts. */
  abstract int fixedBytes();

  /** Makes room for {@code capacity} values in all. */
  abstract void reserve(int capacity);

  /** Writes the value whose slot stands at {@code slot} within the row or array at {@code container}. */
  abstract void put(Object base, long container, long slot, int at);

  abstract void putNull(int at);

  /**
   * Writes field {@code field} of all staged rows, from index {@code at}. Lanes that are most of a table have a loop of
   * their own, in which nothing is virtual.
   */
  void putStaged(StagedRows staged, int field, int at) {
    long[] rows = staged.rows();
    long slot = staged.slot(field);
    for (int i = 0; i < staged.count(); i++) {
      if (staged.isNull(i, field)) {
        putNull(at + i);
      } else {
        put(null, rows[i], rows[i] + slot, at + i);
      }
    }
  }

  /** Writes all elements of Spark's array at {@code array}, from index {@code at}. */
  void putElements(Object base, long array, int count, int at) {
    long nullBits = array + 8;
    long slot = nullBits + UnsafeLayout.nullBytes(count);
    int width = slotWidth();
    for (int i = 0; i < count; i++, slot += width) {
      if (UnsafeLayout.isNull(base, nullBits, i)) {
        putNull(at + i);
      } else {
        put(base, array, slot, at + i);
      }
    }
  }

  /** Forgets all values at or after {@code length}, whole or half-written; keeps the memory. */
  abstract void truncate(int length);

  /** Gives all memory back. The lane may be reserved and used again. */
  abstract void free();

  /** How many of {@code length} values are null. */
  int nullCount(int length) {
    return validity.nulls();
  }

  /** Buffers as the Arrow C Data Interface counts them: the validity bitmap first. */
  abstract int bufferCount();

  /** Address of a buffer, 0 for a bitmap without nulls. */
  abstract long buffer(int index);

  Lane[] children() {
    return NO_CHILDREN;
  }

  /** Length of the children when this lane has {@code length} values. */
  int childLength(int length) {
    return length;
  }
}
