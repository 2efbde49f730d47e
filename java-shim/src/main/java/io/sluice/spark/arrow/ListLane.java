package io.sluice.spark.arrow;

/** Arrays: offsets into one lane of elements. */
final class ListLane extends OffsetsLane {
  private final Lane[] children;
  private final Elements elements;

  ListLane(LaneField field, Lane element, OffHeap memory, Tally tally) {
    super(field, "+l", memory);
    this.children = new Lane[] {element};
    this.elements = new Elements(element, tally);
  }

  @Override
  void reserve(int capacity) {
    super.reserve(capacity);
    elements.reserve(0);
  }

  @Override
  void put(Object base, long container, long slot, int at) {
    long array = UnsafeLayout.target(base, container, slot);
    int count = UnsafeLayout.arrayLength(base, array);
    int start = end();
    int newEnd = endAfter(count, "elements");
    elements.add(count, newEnd);
    children[0].putElements(base, array, count, start);
    seal(at, newEnd);
  }

  @Override
  void truncate(int length) {
    super.truncate(length);
    children[0].truncate(end());
  }

  @Override
  void free() {
    super.free();
    elements.free();
  }

  @Override
  Lane[] children() {
    return children;
  }
}
