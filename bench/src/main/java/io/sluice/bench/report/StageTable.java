package io.sluice.bench.report;

import io.sluice.bench.cases.PeerResult;
import io.sluice.bench.measure.Sample;
import io.sluice.bench.measure.Summary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Where the time of an append goes. */
final class StageTable {
  private static final List<String> IN_TASKS = List.of("scan", "convert", "cross", "partition", "encode", "storage");

  private StageTable() {}

  static String of(PeerResult peer) {
    List<String> titles = new ArrayList<>();
    List<String> values = new ArrayList<>();
    for (String stage : Stream.concat(IN_TASKS.stream(), Stream.of("commit")).toList()) {
      double[] millis = peer.stages().stream().filter(stages -> stages.containsKey(stage))
          .mapToDouble(stages -> stages.get(stage)).toArray();
      if (millis.length > 0) {
        titles.add(stage);
        values.add(Numbers.millis(median(millis)));
      }
    }
    rest(peer).forEach((title, value) -> {
      titles.add(title);
      values.add(Numbers.millis(value));
    });
    return "Stages of one append by " + peer.label() + " (all but the commit summed over tasks):\n\n"
        + Markdown.table(titles, List.of(values));
  }

  /** What no stage accounts for: Spark's own machinery, and turning columns into rows. */
  private static Map<String, Double> rest(PeerResult peer) {
    double tasks = median(
        peer.samples().stream().mapToLong(Sample::taskMillis).filter(t -> t >= 0).asDoubleStream().toArray());
    if (tasks <= 0) {
      return Map.of();
    }
    double known = median(peer.stages().stream().mapToDouble(stages ->
        IN_TASKS.stream().mapToDouble(stage -> stages.getOrDefault(stage, 0.0)).sum()).toArray());
    return Map.of("rest of the tasks", Math.max(0, tasks - known));
  }

  private static double median(double[] values) {
    return values.length == 0 ? 0 : Summary.of(Arrays.stream(values).boxed().toList(), Double::doubleValue).median();
  }
}
