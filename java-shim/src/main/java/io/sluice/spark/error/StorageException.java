package io.sluice.spark.error;

import io.sluice.spark.SluiceException;


/** The storage refused or failed a request. */
public class StorageException extends SluiceException {
  private static final long serialVersionUID = 1L;

  public StorageException(String errorClass, String message, Throwable cause) {
    super(errorClass, message, cause);
  }
}
