package io.sluice.spark;

/** There is a table, or a namespace, at the location already. */
public class TableExistsException extends SluiceRuntimeException {
  private static final long serialVersionUID = 1L;

  public TableExistsException(String condition, String message, Throwable cause) {
    super(condition, message, cause);
  }
}
