package io.sluice.spark.table;

import io.sluice.spark.error.InvalidInputException;
import io.sluice.spark.error.Unchecked;
import io.sluice.spark.jni.message.TableRef;


/** Older versions of a table, as users name them. */
public final class TimeTravel {
  public static final String VERSION_OPTION = "versionAsOf";
  public static final String INVALID_VERSION = "DELTA_INVALID_VERSION";
  public static final String TIMESTAMP_OPTION = "timestampAsOf";

  private TimeTravel() {}

  /** @throws InvalidInputException for a text that is no version */
  public static long version(TableRef table, String version) {
    try {
      long number = Long.parseLong(version.trim());
      if (number >= 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Named below.
    }
    throw new InvalidInputException(INVALID_VERSION,
        "Cannot read table " + table.table() + " at version '" + version + "': give a number that is not negative",
        null);
  }

  public static InvalidInputException namedTwice(String table, Throwable cause) {
    return new InvalidInputException("DELTA_UNSUPPORTED_TIME_TRAVEL_MULTIPLE_FORMATS",
        "Cannot read table " + table + " at two versions: give one in the path, or by AS OF or an option", cause);
  }

  static RuntimeException pinned(String what, String table, long version) {
    return Unchecked.raise(new InvalidInputException("SLUICE_PINNED_TABLE", "Cannot " + what + " for table " + table
        + " at version " + version + ": it is for the newest one. Leave the version out", null));
  }

  static InvalidInputException notWritable(String table, long version) {
    return new InvalidInputException("SLUICE_PINNED_TABLE",
        "Cannot write to table " + table + " at version " + version
            + ": an older version can only be read. Leave the version out to write to the newest one", null);
  }
}
