package io.sluice.spark.error;

import io.sluice.spark.SluiceException;


/** There is a table, or a namespace, at the location already. */
public class TableExistsException extends SluiceException {
  private static final long serialVersionUID = 1L;

  public TableExistsException(String errorClass, String message, Throwable cause) {
    super(errorClass, message, cause);
  }
}
