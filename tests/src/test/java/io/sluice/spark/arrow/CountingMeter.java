package io.sluice.spark.arrow;

/** Counts, and refuses what goes past a limit. */
final class CountingMeter implements MemoryMeter {
  static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  long limit = Long.MAX_VALUE;
  long held;
  long acquisitions;

  @Override
  public void acquire(long bytes) {
    if (held + bytes > limit) {
      throw new Refused();
    }
    held += bytes;
    acquisitions++;
  }

  @Override
  public void release(long bytes) {
    held -= bytes;
  }
}
