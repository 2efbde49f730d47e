package io.sluice.spark.error;

import io.sluice.spark.SluiceException;


/** The table needs a feature that this writer does not have. */
public class UnsupportedTableException extends SluiceException {
  private static final long serialVersionUID = 1L;

  public UnsupportedTableException(String errorClass, String message, Throwable cause) {
    super(errorClass, message, cause);
  }
}
