package io.sluice.spark.error;

import io.sluice.spark.SluiceException;


/** A fault in Sluice itself, or a native library that does not fit. */
public class InternalException extends SluiceException {
  private static final long serialVersionUID = 1L;

  public InternalException(String errorClass, String message, Throwable cause) {
    super(errorClass, message, cause);
  }
}
