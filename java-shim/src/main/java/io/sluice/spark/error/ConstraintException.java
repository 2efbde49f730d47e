package io.sluice.spark.error;

import io.sluice.spark.SluiceException;


/** The data violates a rule of the table, for example NOT NULL. */
public class ConstraintException extends SluiceException {
  private static final long serialVersionUID = 1L;

  public ConstraintException(String errorClass, String message, Throwable cause) {
    super(errorClass, message, cause);
  }
}
