package io.sluice.spark.jni;

/** One link of a native error's cause chain. It has no stack trace: its frames are native. */
public final class NativeCause extends RuntimeException {
  private static final long serialVersionUID = 1L;

  NativeCause(String message, Throwable cause) {
    super(message, cause, false, false);
  }
}
