package io.sluice.spark.error;

import io.sluice.spark.SluiceException;


/** There is no Delta table at the location. */
public class TableMissingException extends SluiceException {
  private static final long serialVersionUID = 1L;

  public TableMissingException(String errorClass, String message, Throwable cause) {
    super(errorClass, message, cause);
  }
}
