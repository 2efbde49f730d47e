package io.sluice.spark;

/**
 * Another writer committed something that this commit cannot be rebased on. Nothing was committed, and the statement may be
 * run again. In Python these, and no others, are {@code SparkRuntimeException}s of SQLSTATE 2D521 or 40000.
 */
public class ConflictException extends SluiceRuntimeException {
  private static final long serialVersionUID = 1L;

  public ConflictException(String condition, String message, Throwable cause) {
    super(condition, message, cause);
  }
}
