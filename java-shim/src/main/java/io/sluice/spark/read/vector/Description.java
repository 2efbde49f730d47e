package io.sluice.spark.read.vector;

/** Cursor over the description of a batch, as {@link io.sluice.spark.jni.ReaderHandle#nextBatch} gives it. */
public final class Description {
  private final long[] values;
  private int next;

  public Description(long[] values) {
    this.values = values;
  }

  public long next() {
    return values[next++];
  }

  public int nextInt() {
    return Math.toIntExact(next());
  }
}
