package io.sluice.spark;

/** There is no Delta table at the location. */
public class TableMissingException extends SluiceRuntimeException {
  private static final long serialVersionUID = 1L;

  public TableMissingException(String condition, String message, Throwable cause) {
    super(condition, message, cause);
  }
}
