package io.sluice.spark.error;

import io.sluice.spark.SluiceException;


/** The caller asked for something that is wrong or not offered: an option, a name, a schema. */
public class InvalidInputException extends SluiceException {
  private static final long serialVersionUID = 1L;

  public InvalidInputException(String errorClass, String message, Throwable cause) {
    super(errorClass, message, cause);
  }
}
