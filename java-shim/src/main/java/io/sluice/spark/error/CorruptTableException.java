package io.sluice.spark.error;

import io.sluice.spark.SluiceException;


/** The table's log or files contradict the Delta protocol. */
public class CorruptTableException extends SluiceException {
  private static final long serialVersionUID = 1L;

  public CorruptTableException(String errorClass, String message, Throwable cause) {
    super(errorClass, message, cause);
  }
}
