package io.sluice.spark.table;

import io.sluice.spark.InvalidInputException;
import io.sluice.spark.error.Unchecked;

/** Older versions of a table, as users name them. */
public final class TimeTravel {
  public static final String VERSION_OPTION = "versionAsOf";
  public static final String TIMESTAMP_OPTION = "timestampAsOf";

  private TimeTravel() {}

  /** @throws InvalidInputException for a text that is no version */
  public static long version(String table, String version) throws InvalidInputException {
    try {
      long number = Long.parseLong(version.trim());
      if (number >= 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Named below.
    }
    throw new InvalidInputException("DELTA_INVALID_VERSION",
        "Cannot read table " + table + " at version '" + version + "': give a number that is not negative", null);
  }

  public static RuntimeException namedTwice(String table, Throwable cause) {
    return Unchecked.raise(new InvalidInputException("DELTA_UNSUPPORTED_TIME_TRAVEL_MULTIPLE_FORMATS",
        "Cannot read table " + table + " at two versions: give one in the path, or by AS OF or an option", cause));
  }

  static RuntimeException pinned(String what, String table, long version) {
    return Unchecked.raise(new InvalidInputException("SLUICE_PINNED_TABLE", "Cannot " + what + " for table " + table
        + " at version " + version + ": it is for the newest one. Leave the version out", null));
  }

  static RuntimeException notWritable(String table, long version) {
    return Unchecked.raise(new InvalidInputException("SLUICE_PINNED_TABLE",
        "Cannot write to table " + table + " at version " + version
            + ": an older version can only be read. Leave the version out to write to the newest one", null));
  }
}
