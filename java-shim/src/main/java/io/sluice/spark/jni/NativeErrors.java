package io.sluice.spark.jni;

import io.sluice.spark.CommitUnknownException;
import io.sluice.spark.ConflictException;
import io.sluice.spark.ConstraintException;
import io.sluice.spark.CorruptTableException;
import io.sluice.spark.InternalException;
import io.sluice.spark.InvalidInputException;
import io.sluice.spark.StorageException;
import io.sluice.spark.TableExistsException;
import io.sluice.spark.TableMissingException;
import io.sluice.spark.UnsupportedTableException;


/** Builds the exception that a native call throws. Called from native code by name. */
public final class NativeErrors {
  private NativeErrors() {}

  /**
   * @param kind simple name of an exception class, without "Exception"
   * @param message with or without the leading {@code [errorClass]}
   * @param causes what led to it, outermost first; may be null
   */
  public static Throwable create(String kind, String errorClass, String message, String[] causes) {
    Throwable cause = chain(causes);
    return switch (kind) {
      case "InvalidInput" -> new InvalidInputException(errorClass, message, cause);
      case "TableMissing" -> new TableMissingException(errorClass, message, cause);
      case "TableExists" -> new TableExistsException(errorClass, message, cause);
      case "UnsupportedTable" -> new UnsupportedTableException(errorClass, message, cause);
      case "Conflict" -> new ConflictException(errorClass, message, cause);
      case "Constraint" -> new ConstraintException(errorClass, message, cause);
      case "CorruptTable" -> new CorruptTableException(errorClass, message, cause);
      case "Storage" -> new StorageException(errorClass, message, cause);
      case "CommitUnknown" -> new CommitUnknownException(errorClass, message, cause);
      case "Internal" -> new InternalException(errorClass, message, cause);
      default -> new InternalException(errorClass, message + " (native error kind " + kind + ")", cause);
    };
  }

  private static Throwable chain(String[] causes) {
    Throwable cause = null;
    for (int i = causes == null ? -1 : causes.length - 1; i >= 0; i--) {
      cause = new NativeCause(causes[i], cause);
    }
    return cause;
  }

  /** The failure to throw for work on a handle that was closed. */
  static InternalException closed(String what) {
    return new InternalException("SLUICE_HANDLE_CLOSED", "Cannot use a closed " + what, null);
  }
}
