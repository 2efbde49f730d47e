package io.sluice.spark.arrow;

/**
 * Told of every off-heap byte a batch takes and gives back, so that the memory shows in Spark's accounting.
 * Called on the thread that writes rows, and only when a buffer grows or is freed.
 */
public interface MemoryMeter {
  /** Counts nothing and grants everything. */
  MemoryMeter NONE = new MemoryMeter() {
    @Override
    public void acquire(long bytes) {}

    @Override
    public void release(long bytes) {}
  };

  /** Called before {@code bytes} are allocated. To refuse them, throw: the row being written is then rolled back. */
  void acquire(long bytes);

  /** Called after {@code bytes} were freed. Must not throw. */
  void release(long bytes);
}
