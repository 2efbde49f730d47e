package io.sluice.spark.read;

import io.sluice.spark.InvalidInputException;
import io.sluice.spark.error.Unchecked;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/** Which options a read may carry. One that asks for other rows is refused, never ignored. */
public final class ReadOptionRules {
  /** Delta's names for the change data feed. */
  private static final List<String> CHANGES = List.of("readChangeFeed", "readChangeData");
  private static final String OURS = "sluice.";
  private static final String CATALOG = "sluice.catalog";

  private ReadOptionRules() {}

  /** @throws InvalidInputException ({@code SLUICE_UNSUPPORTED_OPTION}) naming table, option, value and what to do */
  public static void check(String table, CaseInsensitiveStringMap options) {
    for (String option : CHANGES) {
      if (options.getBoolean(option, false)) {
        throw refused(table, option, options.get(option), "the change data feed is not read; use delta-spark for it");
      }
    }
    for (Map.Entry<String, String> option : options.entrySet()) {
      String name = option.getKey().toLowerCase(Locale.ROOT);
      if (name.startsWith(OURS) && !name.equals(CATALOG)) {
        throw refused(table, option.getKey(), option.getValue(), "reads have no such option; leave it out");
      }
    }
  }

  private static RuntimeException refused(String table, String option, String value, String why) {
    return Unchecked.raise(new InvalidInputException("SLUICE_UNSUPPORTED_OPTION",
        "Cannot read table " + table + " with the option " + option + "=" + value + ": " + why,
        Map.of("option", option, "value", value, "table", table), null));
  }
}
