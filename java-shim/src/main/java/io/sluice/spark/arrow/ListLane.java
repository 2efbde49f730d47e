package io.sluice.spark.arrow;

/** Arrays: offsets into one lane of elements. */
final class ListLane extends CollectionLane {
  private final Lane element;

  ListLane(LaneField field, Lane element, OffHeap memory, Tally tally) {
    super(field, "+l", "elements", element, new Lane[] {element}, memory, tally);
    this.element = element;
  }

  @Override
  void put(Object base, long container, long slot, int at) {
    long array = UnsafeLayout.target(base, container, slot);
    int count = UnsafeLayout.arrayLength(base, array);
    int start = end();
    int newEnd = extend(count);
    element.putElements(base, array, count, start);
    seal(at, newEnd);
  }

  /** Structs of all rows' arrays are taken apart together. */
  @Override
  void putStaged(StagedRows staged, int field, int at) {
    if (!(element instanceof StructLane structs)) {
      super.putStaged(staged, field, at);
      return;
    }
    StagedRows elements = structs.stagedRows();
    long[] rows = staged.rows();
    long slot = staged.slot(field);
    int start = end();
    for (int i = 0; i < staged.count(); i++) {
      if (staged.isNull(i, field)) {
        putNull(at + i);
        continue;
      }
      long array = UnsafeLayout.target(null, rows[i], rows[i] + slot);
      int count = UnsafeLayout.arrayLength(null, array);
      int newEnd = extend(count);
      if (UnsafeLayout.hasNull(null, array + 8, count)) {
        structs.putRows(elements, start);
        elements.clear();
        structs.putElements(null, array, count, end());
        start = newEnd;
      } else {
        stage(elements, array, count);
      }
      seal(at + i, newEnd);
    }
    structs.putRows(elements, start);
  }

  private static void stage(StagedRows elements, long array, int count) {
    long slot = array + 8 + UnsafeLayout.nullBytes(count);
    for (int i = 0; i < count; i++, slot += 8) {
      elements.add(UnsafeLayout.target(null, array, slot), UnsafeLayout.targetSize(null, slot));
    }
  }
}
