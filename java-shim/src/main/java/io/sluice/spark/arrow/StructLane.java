package io.sluice.spark.arrow;

import org.apache.spark.unsafe.Platform;

/** Structs, the entries of maps, and the root: one lane a field. A null struct has null fields, as Parquet wants. */
final class StructLane extends Lane {
  private final Lane[] fields;
  private final long nullBytes;

  StructLane(LaneField field, Lane[] fields, OffHeap memory) {
    super(field, "+s", memory);
    this.fields = fields;
    this.nullBytes = UnsafeLayout.nullBytes(fields.length);
  }

  @Override
  int slotWidth() {
    return Long.BYTES;
  }

  @Override
  int fixedBytes() {
    int bytes = fields.length == 0 ? 1 : 0;
    for (Lane lane : fields) {
      bytes += lane.fixedBytes();
    }
    return bytes;
  }

  @Override
  void reserve(int capacity) {
    validity.reserve(capacity);
    for (Lane lane : fields) {
      lane.reserve(capacity);
    }
  }

  @Override
  void put(Object base, long container, long slot, int at) {
    putRow(base, UnsafeLayout.target(base, container, slot), at);
  }

  /** Writes the row that stands at {@code row}. */
  void putRow(Object base, long row, int at) {
    long slot = row + nullBytes;
    for (int first = 0; first < fields.length; first += 64) {
      long nulls = Platform.getLong(base, row + (first >>> 3));
      int last = Math.min(first + 64, fields.length);
      for (int i = first; i < last; i++, slot += 8) {
        if ((nulls >>> i & 1) == 0) {
          fields[i].put(base, row, slot, at);
        } else {
          fields[i].putNull(at);
        }
      }
    }
  }

  /** As the root: writes all staged rows. */
  void putRows(RowStage stage, int at) {
    for (int i = 0; i < fields.length; i++) {
      fields[i].putStaged(stage, i, at);
    }
  }

  @Override
  void putNull(int at) {
    validity.setNull(at);
    for (Lane lane : fields) {
      lane.putNull(at);
    }
  }

  @Override
  void truncate(int length) {
    validity.truncate(length);
    for (Lane lane : fields) {
      lane.truncate(length);
    }
  }

  @Override
  void free() {
    validity.free();
    for (Lane lane : fields) {
      lane.free();
    }
  }

  @Override
  int bufferCount() {
    return 1;
  }

  @Override
  long buffer(int index) {
    return validity.address();
  }

  @Override
  Lane[] children() {
    return fields;
  }
}
