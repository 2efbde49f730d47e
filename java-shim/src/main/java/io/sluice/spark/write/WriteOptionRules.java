package io.sluice.spark.write;

import io.sluice.spark.InvalidInputException;
import io.sluice.spark.error.Unchecked;
import io.sluice.spark.storage.StorageKeys;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/** Which options a write may carry. An option that would change the outcome is refused, never ignored. */
final class WriteOptionRules {
  private static final Set<String> KNOWN = lower(
      "path", ReplaceWhere.OPTION, PartitionOverwriteMode.OPTION, "compression", "maxRecordsPerFile", "userMetadata", "txnAppId", "txnVersion", "sluice.catalog",
      "sluice.targetFileSize", "sluice.rowGroupSize", "sluice.batchRows", "sluice.batchBytes");

  private static final List<Refusal> REFUSALS = List.of(
      new Refusal("optimizeWrite", Boolean::parseBoolean,
          "repartition the data before the write, or set sluice.targetFileSize"),
      new Refusal("dataChange", value -> !Boolean.parseBoolean(value),
          "remove it: every write changes data"));

  /** What changes the columns of a table that stays; one that the write makes has those of the rows anyway. */
  private static final List<Refusal> REFUSALS_UNLESS_MAKING_TABLES = List.of(
      new Refusal("mergeSchema", Boolean::parseBoolean,
          "add the columns to the table first, then write without it"),
      new Refusal("overwriteSchema", Boolean::parseBoolean,
          "replace the table instead: writeTo(..).createOrReplace(), or saveAsTable in mode overwrite"));

  private static final List<Refusal> REFUSALS_OF_REPLACING = List.of(
      new Refusal("overwriteSchema", value -> !Boolean.parseBoolean(value),
          "a table that is replaced has the columns of the new rows; leave the option out, or keep the columns with "
              + "insertInto in mode(\"overwrite\")"));

  /** What says which rows of a table are overwritten, where none are, or all that there is of the table. */
  private static final List<Refusal> REFUSALS_UNLESS_OVERWRITING = List.of(
      new Refusal(ReplaceWhere.OPTION, value -> true, "this write overwrites no part of a table; use save(path) or insertInto in "
          + "mode(\"overwrite\"), or INSERT INTO .. REPLACE WHERE"),
      new Refusal(PartitionOverwriteMode.OPTION, PartitionOverwriteMode::isDynamic, "this write overwrites no part of a table; use "
          + "save(path) or insertInto in mode(\"overwrite\"), or overwritePartitions()"));

  private WriteOptionRules() {}

  /**
   * Refuses the first option that this writer does not honour.
   *
   * @return the options nobody here knows, to be warned about
   * @throws InvalidInputException naming option, value and what to do
   */
  static Set<String> check(CaseInsensitiveStringMap options, WriteKind kind) {
    refuse(REFUSALS, options);
    if (!kind.makesTable()) {
      refuse(REFUSALS_UNLESS_MAKING_TABLES, options);
    }
    if (kind == WriteKind.REPLACE) {
      refuse(REFUSALS_OF_REPLACING, options);
    }
    if (kind == WriteKind.APPEND || kind == WriteKind.REPLACE) {
      refuse(REFUSALS_UNLESS_OVERWRITING, options);
    }
    Map<String, String> unknown = new TreeMap<>(options.asCaseSensitiveMap());
    unknown.keySet().removeIf(WriteOptionRules::isKnown);
    unknown.forEach((option, value) -> {
      if (option.toLowerCase(Locale.ROOT).startsWith("sluice.")) {
        throw refused(option, value, "there is no such option; check its spelling");
      }
    });
    return unknown.keySet();
  }

  private static void refuse(List<Refusal> refusals, CaseInsensitiveStringMap options) {
    for (Refusal refusal : refusals) {
      String value = options.get(refusal.option);
      if (value != null && refusal.applies.test(value)) {
        throw refused(refusal.option, value, refusal.advice);
      }
    }
  }

  private static boolean isKnown(String option) {
    return KNOWN.contains(option.toLowerCase(Locale.ROOT))
        || StorageKeys.isStorage(option)
        || Stream.of(REFUSALS, REFUSALS_UNLESS_MAKING_TABLES).flatMap(List::stream)
            .anyMatch(refusal -> refusal.option.equalsIgnoreCase(option));
  }

  private static RuntimeException refused(String option, String value, String advice) {
    return Unchecked.raise(new InvalidInputException("SLUICE_UNSUPPORTED_OPTION",
        "Cannot write with the option " + option + "=" + value + ": " + advice,
        Map.of("option", option, "value", value), null));
  }

  private static Set<String> lower(String... options) {
    return Set.of(options).stream().map(option -> option.toLowerCase(Locale.ROOT)).collect(Collectors.toSet());
  }

  private record Refusal(String option, Predicate<String> applies, String advice) {}
}
