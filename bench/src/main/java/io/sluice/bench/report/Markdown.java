package io.sluice.bench.report;

import io.sluice.bench.cases.CaseResult;
import io.sluice.bench.cases.Output;
import io.sluice.bench.cases.PeerResult;
import io.sluice.bench.measure.Sample;
import io.sluice.bench.measure.Summary;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The results as tables. */
final class Markdown {
  private static final String HOW_TO_READ = """
      Times are medians. "Speed" is the reference's median divided by the row's: 2.00× is twice as fast. "Over noop" \
      is the row's median divided by that of a job that produces the same rows and drops them. Peak memory is the whole \
      process, heap included.
      """;

  private Markdown() {}

  static String of(Report report) {
    List<String> parts = new ArrayList<>();
    parts.add("# Results\n");
    parts.add(report.conditions().sentence() + "\n");
    parts.add("![Median times](latest.svg)\n");
    parts.add(overview(report.cases()));
    parts.add(HOW_TO_READ);
    for (CaseResult one : report.cases()) {
      parts.add("## " + one.title() + "\n\n" + details(one) + failures(one) + stages(one));
    }
    return String.join("\n", parts);
  }

  /** One line a case, one column a peer. */
  private static String overview(List<CaseResult> cases) {
    Map<String, String> peers = new LinkedHashMap<>();
    cases.forEach(one -> one.peers().stream().filter(PeerResult::measured)
        .forEach(peer -> peers.putIfAbsent(peer.name(), peer.label())));
    List<List<String>> rows = cases.stream().map(one -> Stream.concat(
        Stream.of(one.title()),
        peers.keySet().stream().map(peer -> one.peer(peer).map(Markdown::median).orElse(""))).toList()).toList();
    return table(Stream.concat(Stream.of("Case"), peers.values().stream()).toList(), rows);
  }

  private static String details(CaseResult one) {
    Map<String, Function<PeerResult, String>> columns = new LinkedHashMap<>();
    String reference = one.peer(one.reference()).map(PeerResult::label).orElse("");
    columns.put("Peer", PeerResult::label);
    columns.put("Median", Markdown::median);
    columns.put("Min", peer -> Numbers.millis(peer.millis().min()));
    columns.put("p95", peer -> Numbers.millis(peer.millis().p95()));
    // Of a handful of samples the 99th percentile is the maximum and says nothing new.
    columns.put("p99", peer -> peer.samples().size() < 100 ? "" : Numbers.millis(peer.millis().p99()));
    columns.put("Max", peer -> Numbers.millis(peer.millis().max()));
    columns.put("Speed against " + reference, peer -> ratio(one.peer(one.reference()).orElse(null), peer));
    columns.put("Over noop", peer -> ratio(peer, one.peer("noop").orElse(null)));
    columns.put("Peak memory, MiB", peer -> known(peer, Sample::peakRssBytes)
        .map(Numbers::mebibytes).findFirst().orElse(""));
    columns.put("Spilled, MiB", peer -> known(peer, Sample::spilledBytes).filter(spilled -> spilled > 0)
        .map(Numbers::mebibytes).findFirst().orElse(""));
    columns.put("Spark jobs", peer -> known(peer, Sample::jobs).map(String::valueOf).findFirst().orElse(""));
    columns.put("Files", peer -> output(peer, output -> String.format("%,d", output.files())));
    columns.put("Row groups", peer -> output(peer, output -> String.format("%,d", output.rowGroups())));
    columns.put("Size, MiB", peer -> output(peer, output -> Numbers.mebibytes(output.bytes())));
    return table(one.peers().stream().filter(PeerResult::measured).toList(), columns);
  }

  private static String failures(CaseResult one) {
    return one.peers().stream().filter(peer -> peer.failure() != null)
        .map(peer -> "\nLeft out: " + peer.label() + ", as it failed: `" + peer.failure() + "`\n")
        .collect(Collectors.joining());
  }

  private static String stages(CaseResult one) {
    StringBuilder text = new StringBuilder();
    one.peers().stream().filter(peer -> peer.measured() && !peer.stages().isEmpty()).forEach(peer -> text.append("\n")
        .append(StageTable.of(peer)));
    return text.toString();
  }

  private static String median(PeerResult peer) {
    return Numbers.millis(peer.millis().median());
  }

  private static String ratio(PeerResult above, PeerResult below) {
    return above == null || below == null || above.name().equals(below.name()) ? ""
        : Numbers.times(above.millis().median() / below.millis().median());
  }

  /** The median of a measure, or nothing where it was not taken. */
  private static Stream<Long> known(PeerResult peer, Function<Sample, Long> measure) {
    List<Long> values = peer.samples().stream().map(measure).filter(value -> value >= 0).toList();
    return values.isEmpty() ? Stream.empty() : Stream.of((long) Summary.of(values, Long::doubleValue).median());
  }

  private static String output(PeerResult peer, Function<Output, String> value) {
    return peer.output() == null ? "" : value.apply(peer.output());
  }

  /** Columns with nothing in them are left out. */
  private static String table(List<PeerResult> peers, Map<String, Function<PeerResult, String>> columns) {
    List<String> filled = columns.keySet().stream()
        .filter(column -> peers.stream().anyMatch(peer -> !columns.get(column).apply(peer).isEmpty())).toList();
    return peers.isEmpty() ? "" : table(filled,
        peers.stream().map(peer -> filled.stream().map(column -> columns.get(column).apply(peer)).toList()).toList());
  }

  static String table(List<String> titles, List<List<String>> rows) {
    String rule = "|---|" + "---:|".repeat(Math.max(0, titles.size() - 1));
    return Stream.concat(Stream.of(line(titles), rule), rows.stream().map(Markdown::line))
        .collect(Collectors.joining("\n", "", "\n"));
  }

  private static String line(List<String> cells) {
    return "| " + String.join(" | ", cells) + " |";
  }
}
