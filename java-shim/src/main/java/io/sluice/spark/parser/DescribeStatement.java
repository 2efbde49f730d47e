package io.sluice.spark.parser;

import io.sluice.spark.procedure.Procedures;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Delta's statements {@code DESCRIBE HISTORY t [LIMIT n]} and {@code DESCRIBE DETAIL t}, where {@code t} is the name of a table or
 * a path between quotes. Spark takes them for others: it sees a table called history or detail.
 *
 * @param procedure that gives what the statement asks for
 * @param table as it is written: a name, or text literals
 * @param isPath whether it is the latter
 * @param limit null if there is none
 */
record DescribeStatement(String procedure, String table, boolean isPath, Long limit) {
  private static final String GAP = "(?:\\s++|--[^\\n]*+|/\\*.*?\\*/)";
  private static final String TEXT = "(?:'(?:[^'\\\\]++|\\\\.)*+'|\"(?:[^\"\\\\]++|\\\\.)*+\")";
  private static final String PART = "(?:`(?:[^`]++|``)*+`|\\w++)";
  private static final Pattern BEGINNING =
      Pattern.compile(GAP + "*+DESC(?:RIBE)?" + GAP + "++(?:HISTORY|DETAIL)\\b", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
  private static final Pattern SYNTAX = Pattern.compile(
      GAP + "*+DESC(?:RIBE)?" + GAP + "++(?:(?<history>HISTORY)|DETAIL)" + GAP + "*+"
          + "(?:(?<path>" + TEXT + "(?:" + GAP + "*+" + TEXT + ")*+)|(?<name>" + PART + "(?:" + GAP + "*+\\." + GAP + "*+" + PART + ")*+))"
          + "(?:" + GAP + "*+LIMIT" + GAP + "++(?<limit>\\d{1,18}))?(?:" + GAP + "|;)*+",
      Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CHARACTER_CLASS | Pattern.DOTALL);

  /** Whether the statement might be one of these. That is soon said of any other, however long it is. */
  static boolean isLikely(String sql) {
    return BEGINNING.matcher(sql).lookingAt();
  }

  /** The statement, if it is one of these. */
  static Optional<DescribeStatement> of(String sql) {
    Matcher syntax = SYNTAX.matcher(sql);
    if (!syntax.matches()) {
      return Optional.empty();
    }
    boolean isHistory = syntax.group("history") != null;
    String path = syntax.group("path");
    String limit = syntax.group("limit");
    return limit != null && !isHistory
        ? Optional.empty()
        : Optional.of(new DescribeStatement(isHistory ? Procedures.HISTORY : Procedures.DETAIL,
            path == null ? syntax.group("name") : path, path != null, limit == null ? null : Long.valueOf(limit)));
  }
}
