package io.sluice.bench;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What one run measures, and how often.
 *
 * @param cases names of cases, or "all"
 * @param peers names of peers; empty means every one
 * @param runs timed rounds of each case, after one that is thrown away
 * @param rows rows of the lineitem-like data; every other data set is a fixed share of it
 * @param appends one-row appends of the small cases, each peer
 * @param zstdLevel of every peer, so that equal codecs do equal work
 * @param work where tables are written, and deleted again
 * @param data where the inputs are kept from run to run
 */
public record Settings(List<String> cases, Set<String> peers, int runs, long rows, int appends, int cores, int zstdLevel,
    Path work, Path data, Path results) {
  private static final Set<String> KNOWN =
      Set.of("cases", "peers", "runs", "rows", "appends", "cores", "work", "data", "results");

  /** Sluice's own level, and the cheapest of the peers. */
  private static final int ZSTD_LEVEL = 1;

  static Settings parse(String[] args) {
    Map<String, String> given = new HashMap<>();
    for (int i = 0; i < args.length; i += 2) {
      String name = args[i].replaceFirst("^--", "");
      if (!KNOWN.contains(name) || i + 1 == args.length) {
        throw new IllegalArgumentException("Cannot use " + args[i] + ": give --<name> <value>, with one of " + KNOWN);
      }
      given.put(name, args[i + 1]);
    }
    Path work = Path.of(given.getOrDefault("work", "build/bench")).toAbsolutePath();
    return new Settings(
        names(given.getOrDefault("cases", "bulk,small,files-snappy")),
        Set.copyOf(names(given.getOrDefault("peers", ""))),
        Integer.parseInt(given.getOrDefault("runs", "5")),
        Long.parseLong(given.getOrDefault("rows", "4000000")),
        Integer.parseInt(given.getOrDefault("appends", "200")),
        Integer.parseInt(given.getOrDefault("cores", "2")),
        ZSTD_LEVEL,
        work.resolve("tables"),
        given.containsKey("data") ? Path.of(given.get("data")).toAbsolutePath() : work.resolve("data"),
        Path.of(given.getOrDefault("results", "bench/results")).toAbsolutePath());
  }

  private static List<String> names(String list) {
    return List.of(list.split(",")).stream().map(String::trim).filter(name -> !name.isEmpty()).toList();
  }

  public boolean wantsPeer(String name) {
    return peers.isEmpty() || peers.contains(name);
  }

  /** A case is chosen by its name or by the part before the dash: "bulk" takes bulk-snappy and bulk-zstd. */
  public boolean wantsCase(String name) {
    return cases.contains("all") || cases.contains(name) || cases.contains(name.replaceFirst("-.*", ""));
  }
}
