package io.sluice.spark.error;

import io.sluice.spark.SluiceException;


/** The commit may or may not have landed: no file of it is ever deleted. */
public class CommitUnknownException extends SluiceException {
  private static final long serialVersionUID = 1L;

  public CommitUnknownException(String errorClass, String message, Throwable cause) {
    super(errorClass, message, cause);
  }
}
