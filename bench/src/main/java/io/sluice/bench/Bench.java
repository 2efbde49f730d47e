package io.sluice.bench;

import io.sluice.bench.cases.BenchCase;
import io.sluice.bench.cases.CaseResult;
import io.sluice.bench.cases.Cases;
import io.sluice.bench.cases.Lab;
import io.sluice.bench.measure.Probe;
import io.sluice.bench.peer.Peers;
import io.sluice.bench.report.Conditions;
import io.sluice.bench.report.Report;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Sluice beside its peers, in one process and one run. */
public final class Bench {
  private Bench() {}

  public static void main(String[] args) {
    Settings settings = Settings.parse(args);
    List<BenchCase> cases = Cases.of(settings);
    Directories.delete(settings.work());
    try (Sessions sessions = new Sessions(settings.cores())) {
      Conditions conditions = Conditions.now(settings, sessions.plain().version());
      Lab lab = new Lab(settings, sessions, Peers.of(sessions, settings),
          new Probe(sessions.plain().sparkContext()));
      System.out.println(new Report(conditions, run(cases, lab)).write(settings.results()));
    } finally {
      Directories.delete(settings.work());
    }
  }

  private static List<CaseResult> run(List<BenchCase> cases, Lab lab) {
    List<CaseResult> results = new ArrayList<>();
    for (BenchCase one : cases) {
      System.out.printf("%s: %s ...%n", one.name(), one.title());
      long start = System.nanoTime();
      results.add(one.run(lab));
      System.out.printf("%s took %d s%n", one.name(), Duration.ofNanos(System.nanoTime() - start).toSeconds());
    }
    return results;
  }
}
