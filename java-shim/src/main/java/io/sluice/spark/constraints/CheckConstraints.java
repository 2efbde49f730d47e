package io.sluice.spark.constraints;

import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** A table's CHECK constraints as its properties hold them (Delta protocol, "CHECK Constraints"). */
public final class CheckConstraints {
  private static final String PREFIX = "delta.constraints.";

  private CheckConstraints() {}

  /** The property that holds the constraint of that name. */
  public static String property(String name) {
    return PREFIX + name.toLowerCase(Locale.ROOT);
  }

  /** SQL expressions by the constraints' names. */
  public static SortedMap<String, String> of(Map<String, String> properties) {
    SortedMap<String, String> constraints = new TreeMap<>();
    properties.forEach((key, expression) -> {
      if (key.regionMatches(true, 0, PREFIX, 0, PREFIX.length())) {
        constraints.put(key.substring(PREFIX.length()), expression);
      }
    });
    return Collections.unmodifiableSortedMap(constraints);
  }
}
