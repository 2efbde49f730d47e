package io.sluice.spark;

/** A fault in Sluice itself, or a native library that does not fit. */
public class InternalException extends SluiceRuntimeException {
  private static final long serialVersionUID = 1L;

  public InternalException(String condition, String message, Throwable cause) {
    super(condition, message, cause);
  }
}
