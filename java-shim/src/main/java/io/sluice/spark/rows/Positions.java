package io.sluice.spark.rows;

import io.sluice.spark.jni.PositionsHandle;
import io.sluice.spark.jni.PositionsHandle.Kind;
import java.util.EnumMap;
import java.util.Map;
import org.apache.spark.unsafe.Platform;

/** The rows that a task touches, handed to native code some hundred at a time. For one thread at a time. */
final class Positions implements AutoCloseable {
  private static final int ROWS = 512;
  private static final int ROW_BYTES = 2 * Long.BYTES;

  private final PositionsHandle all = PositionsHandle.open();
  private final Map<Kind, Batch> batches = new EnumMap<>(Kind.class);

  /** Rows that are yet to be handed over. */
  private static final class Batch {
    private final long address = Platform.allocateMemory((long) ROWS * ROW_BYTES);
    private int rows;

    /** @return whether it is full */
    boolean add(long file, long position) {
      long at = address + (long) rows * ROW_BYTES;
      Platform.putLong(null, at, file);
      Platform.putLong(null, at + Long.BYTES, position);
      return ++rows == ROWS;
    }
  }

  void add(Kind kind, long file, long position) {
    Batch batch = batches.computeIfAbsent(kind, first -> new Batch());
    if (batch.add(file, position)) {
      handOver(kind, batch);
    }
  }

  /** All of them, opaque. Only {@link #close} may follow. */
  byte[] finish() {
    batches.forEach(this::handOver);
    return all.finish();
  }

  private void handOver(Kind kind, Batch batch) {
    all.add(kind, batch.address, batch.rows);
    batch.rows = 0;
  }

  @Override
  public void close() {
    batches.values().forEach(batch -> Platform.freeMemory(batch.address));
    batches.clear();
    all.close();
  }
}
