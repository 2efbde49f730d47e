package io.sluice.spark.arrow;

import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.unsafe.Platform;

/** Structs, the entries of maps, and the root: one lane a field. A null struct has null fields, as Parquet wants. */
final class StructLane extends Lane implements ColumnLane {
  private static final int INITIAL_STRUCTS = 256;

  private final Lane[] fields;
  private final long nullBytes;
  /** Made at the first need. */
  private StagedRows structs;

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

  /** Writes all staged rows, which are structs of this lane, from index {@code at}. */
  void putRows(StagedRows staged, int at) {
    for (int i = 0; i < fields.length; i++) {
      fields[i].putStaged(staged, i, at);
    }
  }

  /** Empty, for structs found in the rows that are being taken apart. */
  StagedRows stagedRows() {
    if (structs == null) {
      structs = new StagedRows(fields.length, INITIAL_STRUCTS);
    }
    structs.clear();
    return structs;
  }

  @Override
  void putStaged(StagedRows staged, int field, int at) {
    if (staged.mayHaveNull(field)) {
      super.putStaged(staged, field, at);
      return;
    }
    StagedRows within = stagedRows();
    long[] rows = staged.rows();
    long slot = staged.slot(field);
    for (int i = 0; i < staged.count(); i++) {
      within.add(UnsafeLayout.target(null, rows[i], rows[i] + slot), UnsafeLayout.targetSize(null, rows[i] + slot));
    }
    putRows(within, at);
  }

  @Override
  public boolean takes(ColumnVector vector) {
    return ChildColumns.takes(fields, vector);
  }

  /** Children of null structs hold anything, and behind the last struct that is not null perhaps no memory. */
  @Override
  public boolean putColumn(ColumnVector vector, int from, int count, int at) {
    validity.putColumn(vector, from, count, at);
    int present = count;
    while (present > 0 && vector.isNullAt(from + present - 1)) {
      present--;
    }
    if (!ChildColumns.put(fields, vector, from, present, at)) {
      return false;
    }
    for (Lane lane : fields) {
      ChildColumns.putNulls(lane, count - present, at + present);
    }
    return true;
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
