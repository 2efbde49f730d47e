package io.sluice.spark;

/** The table's log or files contradict the Delta protocol. */
public class CorruptTableException extends SluiceRuntimeException {
  private static final long serialVersionUID = 1L;

  public CorruptTableException(String condition, String message, Throwable cause) {
    super(condition, message, cause);
  }
}
