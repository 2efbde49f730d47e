package io.sluice.spark.arrow;

import org.apache.spark.unsafe.Platform;

/** A block of native memory that grows and keeps its contents. Empty (address 0) until first reserved. */
final class Buffer {
  private static final long ALIGNMENT = 64;

  private final OffHeap memory;
  private long address;
  private long size;

  Buffer(OffHeap memory) {
    this.memory = memory;
  }

  /** Valid until the next {@link #reserve} or {@link #free}. */
  long address() {
    return address;
  }

  /** In bytes. */
  long size() {
    return size;
  }

  /** Makes room for {@code bytes} in all. New bytes are not initialised. When memory is refused, nothing has changed. */
  void reserve(long bytes) {
    if (bytes <= size) {
      return;
    }
    long newSize = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    long newAddress = memory.allocate(newSize);
    if (address != 0) {
      Platform.copyMemory(null, address, null, newAddress, size);
      memory.free(address, size);
    }
    address = newAddress;
    size = newSize;
  }

  void free() {
    if (address != 0) {
      memory.free(address, size);
      address = 0;
      size = 0;
    }
  }
}
