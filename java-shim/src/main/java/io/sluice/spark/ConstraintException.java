package io.sluice.spark;

/** The data violates a rule of the table, for example NOT NULL. */
public class ConstraintException extends SluiceRuntimeException {
  private static final long serialVersionUID = 1L;

  public ConstraintException(String condition, String message, Throwable cause) {
    super(condition, message, cause);
  }
}
