package io.sluice.spark.arrow;

import io.sluice.spark.InvalidInputException;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.vectorized.ColumnVector;

/**
 * Turns Spark rows into Arrow batches in native memory and lends them out through the Arrow C Data Interface
 * (https://arrow.apache.org/docs/format/CDataInterface.html).
 *
 * <p>A batch is a root struct ("+s") of length {@link #rows()} whose children are the columns, laid out like Parquet's
 * physical types: boolean as bits; byte, short, int, date and decimals to 9 digits as int32; long, timestamps
 * (microseconds) and decimals to 18 digits as int64; wider decimals as fixed-size big-endian binary; string and binary
 * as binary with int32 offsets; variant as a struct of value and metadata; void as null.
 *
 * <p>All memory belongs to this object and is reused from batch to batch. The addresses it hands out are valid, and the
 * batch behind them unchanged, until {@link #reset} or {@link #close}. The consumer reads a batch, calls the root's
 * release callback and keeps nothing; {@link #stillLent()} tells whether it did.
 *
 * <p>Rows are copied first and taken apart some hundred at a time, so a row that cannot be written fails a later call, at
 * the latest {@link #arrayAddress}; then {@link #reset} and {@link #close} are what is left. Refused memory is no such
 * failure: the call that throws has done nothing, and may be repeated. For one thread at a time.
 */
public final class ArrowBatchWriter implements AutoCloseable {
  /** Memory beyond this many batches, left behind by a few huge rows, is given back when a batch is done. */
  private static final int KEPT_BATCHES = 4;

  private final StructType schema;
  private final int columns;
  private final BatchLimits limits;
  private final long addressable;
  private final OffHeap memory;
  /** More may be staged. */
  private final LaneBatch batch;
  private final RowStage stage;
  private final long keptBytes;
  private ArrowSchemaStruct schemaStruct;
  private ArrowArrayStruct arrayStruct;
  private UnsafeProjection toUnsafe;
  private UnsafeRow heldBack;
  private long unstagedNanos;
  /** What a row took on average in the columns written last: a guess at what the next ones take. */
  private long bytesPerRow;
  private boolean closed;

  /**
   * @param releaseCallback address of a C function {@code void (struct Arrow{Schema,Array}*)} that marks the struct
   *     released and, if its private_data is not 0, writes 0 to the 8 bytes it points at
   * @throws InvalidInputException as {@link #checkSupported} does; whatever {@code meter} throws to refuse memory.
   *     Nothing stays allocated then
   */
  public ArrowBatchWriter(StructType schema, BatchLimits limits, MemoryMeter meter, long releaseCallback) {
    this(schema, limits, meter, releaseCallback, Integer.MAX_VALUE);
  }

  /** With {@code addressable} in place of the bytes that int32 offsets can address, so that tests need no 2 GiB. */
  ArrowBatchWriter(StructType schema, BatchLimits limits, MemoryMeter meter, long releaseCallback, long addressable) {
    this.addressable = addressable;
    this.schema = schema;
    this.columns = schema.length();
    this.limits = limits;
    this.memory = new OffHeap(meter);
    this.batch = new LaneBatch(schema, limits.rows(), memory);
    this.stage = new RowStage(columns, memory);
    this.bytesPerRow = batch.rowBytes();
    try {
      schemaStruct = new ArrowSchemaStruct(batch.root(), releaseCallback, memory);
      arrayStruct = new ArrowArrayStruct(batch.root(), releaseCallback, memory);
      stage.reserve();
      batch.reserve(1);
    } catch (Throwable refused) {
      close();
      throw refused;
    }
    this.keptBytes = memory.allocated() + KEPT_BATCHES * limits.bytes();
  }

  /**
   * Checks a schema before any work is done for it. Allocates nothing.
   *
   * @throws InvalidInputException with error class DELTA_UNSUPPORTED_DATA_TYPES, naming the first column, at whatever
   *     depth, of a type that Delta Lake cannot store
   */
  public static void checkSupported(StructType schema) {
    Lanes.root(schema, new OffHeap(MemoryMeter.NONE), new Tally());
  }

  /**
   * Adds a row, of which a copy is taken before this returns.
   *
   * @return whether the batch is full: lend it, then {@link #reset}
   * @throws InvalidInputException for a value larger than a batch can hold
   * @throws IllegalStateException after close, while the batch is lent, or if the batch was reported full with a row
   *     held back for the next one
   */
  public boolean write(InternalRow row) {
    requireWritable();
    UnsafeRow unsafe = row instanceof UnsafeRow already ? already : project(row);
    if (unsafe.numFields() != columns) {
      throw new IllegalArgumentException("Cannot write a row of " + unsafe.numFields() + " fields to " + columns + " columns");
    }
    int size = unsafe.getSizeInBytes();
    if (!stage.hasRoom(size) || mayReach(addressable, size)) {
      unstage();
    }
    // Each lane grows at most by the size of the row, so no offset can overflow below this bound.
    if (batch.rows() > 0 && batch.bytes() + stage.bytes() + size > addressable) {
      heldBack = unsafe.copy();
      return true;
    }
    if (stage.hasRoom(size)) {
      stage(unsafe);
    } else {
      batch.add(unsafe);
    }
    return rows() >= limits.rows() || stage.count() == 0 && batch.bytes() >= limits.bytes();
  }

  /**
   * Adds rows from columns: as many as fit of {@code count}, beginning with {@code from}. The vectors are read before
   * this returns and not kept. Here the limit in bytes is kept strictly, so only a row that no batch could hold, taken
   * alone, exceeds it. When this throws, the batch holds the rows before it and remains usable.
   *
   * @param vectors one a column, of the column's type
   * @return how many rows were taken. If fewer than {@code count}, the batch is full: lend it, then {@link #reset}
   * @throws InvalidInputException for a value larger than a batch can hold
   * @throws IllegalStateException as {@link #write} does
   */
  public int writeColumns(ColumnVector[] vectors, int from, int count) {
    requireWritable();
    if (vectors.length != columns) {
      throw new IllegalArgumentException("Cannot write " + vectors.length + " vectors to " + columns + " columns");
    }
    unstage();
    int room = Math.min(count, limits.rows() - batch.rows());
    long likely = (limits.bytes() - batch.bytes()) / bytesPerRow;
    int taken = (int) Math.min(room, Math.max(likely, 1));
    while (taken > 0 && !batch.addAll(vectors, from, taken, limits.bytes())) {
      taken /= 2;
    }
    if (taken > 0) {
      bytesPerRow = Math.max(batch.bytes() / batch.rows(), 1);
    }
    return taken;
  }

  /** Rows in the current batch. */
  public int rows() {
    return batch.rows() + stage.count();
  }

  /** Bytes of Arrow data in the current batch, validity bitmaps not counted. */
  public long bytes() {
    unstage();
    return batch.bytes();
  }

  /** Time spent so far in taking rows apart, which only some calls of {@link #write} do, for many rows at once. */
  public long unstagedNanos() {
    return unstagedNanos;
  }

  /** Native memory now held, in bytes: buffers at their full capacity, and the structs. */
  public long allocatedBytes() {
    return memory.allocated();
  }

  /** Address of the root {@code struct ArrowSchema}, valid until close; the same for all batches. */
  public long schemaAddress() {
    requireOpen();
    return schemaStruct.address();
  }

  /** Ends the batch, lends it, and returns the address of its root {@code struct ArrowArray}. */
  public long arrayAddress() {
    requireOpen();
    unstage();
    return arrayStruct.lend(batch.rows());
  }

  /** Whether the last batch lent was not yet released by its consumer. */
  public boolean stillLent() {
    return arrayStruct.stillLent();
  }

  /**
   * Starts the next batch in the same memory. It may begin with a row that did not fit into the last one.
   *
   * @throws IllegalStateException while the batch is lent, as its consumer could still read it
   */
  public void reset() {
    requireOpen();
    if (stillLent()) {
      throw new IllegalStateException("Cannot start the next batch: the last one was not released");
    }
    stage.clear();
    batch.clear();
    if (memory.allocated() > keptBytes) {
      batch.shrink();
    }
    if (heldBack != null) {
      UnsafeRow row = heldBack;
      heldBack = null;
      batch.add(row);
    }
  }

  /** Frees all native memory, whether or not a batch is still lent. Idempotent. */
  @Override
  public void close() {
    closed = true;
    heldBack = null;
    stage.free();
    batch.free();
    if (schemaStruct != null) {
      schemaStruct.free();
    }
    if (arrayStruct != null) {
      arrayStruct.free();
    }
  }

  /** Keeps a row for {@link #unstage}, which follows at once where the batch may be full by it. */
  private void stage(UnsafeRow row) {
    stage.add(row);
    if (rows() >= limits.rows() || mayReach(limits.bytes(), 0)) {
      try {
        unstage();
      } catch (Throwable failure) {
        stage.removeLast(row);
        throw failure;
      }
    }
  }

  /** Whether the batch, its staged rows and {@code more} bytes of a row could make {@code bytes}. */
  private boolean mayReach(long bytes, int more) {
    return stage.count() > 0 && batch.bytes() + stage.bytes() + more + (stage.count() + 1L) * batch.rowBytes() >= bytes;
  }

  /** Takes the staged rows into the batch. When this throws they stay staged. */
  private void unstage() {
    int count = stage.count();
    if (count == 0) {
      return;
    }
    long start = System.nanoTime();
    batch.addAll(stage.rows(), count);
    stage.clear();
    unstagedNanos += System.nanoTime() - start;
  }

  /** Row-level operations hand over rows of other kinds; Spark's own converter keeps one way to read values. */
  private UnsafeRow project(InternalRow row) {
    if (toUnsafe == null) {
      toUnsafe = UnsafeProjection.create(StorageTypes.of(schema));
    }
    return toUnsafe.apply(row);
  }

  private void requireWritable() {
    if (closed || heldBack != null || arrayStruct.stillLent()) {
      throw new IllegalStateException("Cannot write a row: the batch is " + (closed ? "closed" : heldBack != null ? "full" : "lent"));
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("Cannot use a batch writer that was closed");
    }
  }
}
