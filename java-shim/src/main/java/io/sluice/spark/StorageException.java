package io.sluice.spark;

/** The storage refused or failed a request. */
public class StorageException extends SluiceRuntimeException {
  private static final long serialVersionUID = 1L;

  public StorageException(String condition, String message, Throwable cause) {
    super(condition, message, cause);
  }
}
