package io.sluice.spark;

/** The commit may or may not have landed: no file of it is ever deleted. */
public class CommitUnknownException extends SluiceRuntimeException {
  private static final long serialVersionUID = 1L;

  public CommitUnknownException(String condition, String message, Throwable cause) {
    super(condition, message, cause);
  }
}
