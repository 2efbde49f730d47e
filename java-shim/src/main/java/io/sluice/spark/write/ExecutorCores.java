package io.sluice.spark.write;

import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Cores that an executor has for its tasks. */
final class ExecutorCores {
  private static final Pattern LOCAL = Pattern.compile("local(?:\\[\\s*(\\d+|\\*)\\s*(?:,\\s*\\d+\\s*)?])?");
  private static final Pattern LOCAL_CLUSTER =
      Pattern.compile("local-cluster\\[\\s*\\d+\\s*,\\s*(\\d+)\\s*,\\s*\\d+\\s*]");

  private ExecutorCores() {}

  /**
   * What the application's settings say.
   *
   * @param conf the value of a setting, or null
   * @return null where they leave it to the machine: `local[*]`, or a master of Spark's own without spark.executor.cores
   */
  static Integer of(UnaryOperator<String> conf) {
    String master = conf.apply("spark.master");
    Matcher local = LOCAL.matcher(master == null ? "" : master);
    if (local.matches()) {
      return local.group(1) == null ? Integer.valueOf(1) : positive(local.group(1));
    }
    Matcher cluster = LOCAL_CLUSTER.matcher(master == null ? "" : master);
    return positive(cluster.matches() ? cluster.group(1) : conf.apply("spark.executor.cores"));
  }

  private static Integer positive(String number) {
    try {
      int cores = Integer.parseInt(number == null ? "" : number.trim());
      return cores > 0 ? cores : null;
    } catch (NumberFormatException e) {
      return null;      // Spark has complained about it, or it means all there are
    }
  }
}
