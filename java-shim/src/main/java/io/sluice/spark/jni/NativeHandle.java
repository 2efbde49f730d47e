package io.sluice.spark.jni;

import io.sluice.spark.InternalException;
import java.lang.ref.Cleaner;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Owns one native object until {@link #close()}, which may be called any number of times. An object that is garbage
 * while still open is reported in the log and not freed: a collector thread must not do a task's work.
 */
abstract class NativeHandle implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(NativeHandle.class);
  private static final Cleaner ALARM = Cleaner.create();

  private final String what;
  private final AtomicLong address;
  private final Cleaner.Cleanable alarm;

  NativeHandle(String what, long address) {
    if (address == 0) {
      throw new InternalException("SLUICE_NULL_HANDLE", "Cannot open a " + what + ": no handle came back", null);
    }
    this.what = what;
    this.address = new AtomicLong(address);
    this.alarm = ALARM.register(this, new Leak(what, this.address));
  }

  /** The native address of this open object. */
  final long address() {
    long open = address.get();
    if (open == 0) {
      throw NativeErrors.closed(what);
    }
    return open;
  }

  /** Frees the native object. */
  abstract void free(long open);

  @Override
  public final void close() {
    long open = address.getAndSet(0);
    if (open != 0) {
      alarm.clean();
      free(open);
    }
  }

  /** Must not refer to the handle, or the handle would never become garbage. */
  private record Leak(String what, AtomicLong address) implements Runnable {
    @Override
    public void run() {
      if (address.get() != 0) {
        LOG.warn("A {} was never closed: its native memory is lost until this process ends", what);
      }
    }
  }
}
