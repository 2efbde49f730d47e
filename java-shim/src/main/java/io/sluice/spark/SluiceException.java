package io.sluice.spark;

import org.apache.spark.SparkThrowable;

/**
 * A failure that Sluice explains. The message reads {@code [ERROR_CLASS] Cannot …}; callers tell failures apart by
 * subclass and {@link #errorClass()}, never by message text.
 */
public abstract class SluiceException extends RuntimeException implements SparkThrowable {
  private static final long serialVersionUID = 1L;

  private final String errorClass;

  /**
   * @param errorClass the error condition, Delta's own name where Delta has one
   * @param message a sentence that begins with "Cannot"; the error class is put before it unless it is there
   * @param cause what led to it, or null
   */
  protected SluiceException(String errorClass, String message, Throwable cause) {
    super(withClass(errorClass, message), cause);
    this.errorClass = errorClass;
  }

  /** Spark shows errors that have one to users as they are, and not as the cause of a job that was aborted. */
  @Override
  public final String getCondition() {
    return errorClass;
  }

  /** The error condition a user can search for, for example {@code DELTA_DUPLICATE_COLUMNS_FOUND}. */
  public final String errorClass() {
    return errorClass;
  }

  private static String withClass(String errorClass, String message) {
    String prefix = "[" + errorClass + "] ";
    return message.startsWith(prefix) ? message : prefix + message;
  }
}
