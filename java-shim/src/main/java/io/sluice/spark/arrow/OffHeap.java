package io.sluice.spark.arrow;

import org.apache.spark.unsafe.Platform;

/** The one place of this package where native memory is taken and given back, and counted. */
final class OffHeap {
  private final MemoryMeter meter;
  private long allocated;

  OffHeap(MemoryMeter meter) {
    this.meter = meter;
  }

  /** Bytes now held. */
  long allocated() {
    return allocated;
  }

  /** {@code size} uninitialised bytes, 16-byte aligned as malloc does; the caller frees them with the same size. */
  long allocate(long size) {
    meter.acquire(size);
    long address;
    try {
      address = Platform.allocateMemory(size);
    } catch (Throwable refused) {
      meter.release(size);
      throw refused;
    }
    allocated += size;
    return address;
  }

  void free(long address, long size) {
    Platform.freeMemory(address);
    allocated -= size;
    meter.release(size);
  }
}
