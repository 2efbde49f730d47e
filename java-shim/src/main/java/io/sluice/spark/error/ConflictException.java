package io.sluice.spark.error;

import io.sluice.spark.SluiceException;


/** Another writer committed something that this commit cannot be rebased on. Nothing was committed. */
public class ConflictException extends SluiceException {
  private static final long serialVersionUID = 1L;

  public ConflictException(String errorClass, String message, Throwable cause) {
    super(errorClass, message, cause);
  }
}
