package io.sluice.spark.arrow;

import org.apache.spark.unsafe.Platform;

/**
 * Variants, unshredded: a struct of value and metadata. Spark stores a variant (VariantVal.readFromUnsafeRow) as the
 * size of the value in 4 bytes, the value, the metadata.
 */
final class VariantLane extends Lane {
  private final BytesLane value;
  private final BytesLane metadata;
  private final Lane[] children;

  VariantLane(LaneField field, OffHeap memory, Tally tally) {
    super(field, "+s", memory);
    this.value = new BytesLane(field.child("value", false), memory, tally);
    this.metadata = new BytesLane(field.child("metadata", false), memory, tally);
    this.children = new Lane[] {value, metadata};
  }

  @Override
  int slotWidth() {
    return Long.BYTES;
  }

  @Override
  int fixedBytes() {
    return value.fixedBytes() + metadata.fixedBytes();
  }

  @Override
  void reserve(int capacity) {
    validity.reserve(capacity);
    value.reserve(capacity);
    metadata.reserve(capacity);
  }

  @Override
  void put(Object base, long container, long slot, int at) {
    long variant = UnsafeLayout.target(base, container, slot);
    int size = UnsafeLayout.targetSize(base, slot);
    int valueSize = Platform.getInt(base, variant);
    value.putBytes(base, variant + 4, valueSize, at);
    metadata.putBytes(base, variant + 4 + valueSize, size - 4 - valueSize, at);
  }

  @Override
  void putNull(int at) {
    validity.setNull(at);
    value.putNull(at);
    metadata.putNull(at);
  }

  @Override
  void truncate(int length) {
    validity.truncate(length);
    value.truncate(length);
    metadata.truncate(length);
  }

  @Override
  void free() {
    validity.free();
    value.free();
    metadata.free();
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
    return children;
  }
}
