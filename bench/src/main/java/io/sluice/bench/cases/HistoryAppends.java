package io.sluice.bench.cases;

import io.sluice.bench.measure.Probe;
import io.sluice.bench.peer.Codec;
import io.sluice.bench.peer.Peer;
import io.sluice.bench.peer.Peers;
import io.sluice.bench.peer.Table;
import java.util.Set;

/**
 * One-row appends to a table that already has many commits, or many files.
 *
 * @param files of each commit
 */
record HistoryAppends(String name, int commits, int files) implements BenchCase {
  private static final Set<String> DELTA_WRITERS = Set.of(Peers.DELTA, "delta-tuned", "delta-v2", Peers.SLUICE);
  private static final int WARM_UP = 40;
  private static final int APPENDS = 40;

  @Override
  public String title() {
    return String.format("%,d appends of one row to a table of %,d commits, %,d files", APPENDS, commits, (long) commits * files);
  }

  @Override
  public CaseResult run(Lab lab) {
    Table table = new Table(name.replace('-', '_'), OneRow.SCHEMA, null, new Codec("snappy", 1));
    Contest contest = new Contest(lab.peers().stream().filter(peer -> DELTA_WRITERS.contains(peer.name())).toList());
    try {
      contest.play(1, (entry, round) -> turn(lab, entry, round, table));
    } finally {
      lab.peers().forEach(peer -> peer.drop(table));
    }
    return new CaseResult(name, title(), Peers.DELTA, contest.results());
  }

  private void turn(Lab lab, Contest.Entry entry, int round, Table table) {
    Peer peer = entry.peer();
    if (round == 0) {
      peer.create(table);
      DeltaHistory.write(lab.sessions(), peer.directory(table), commits, files);
    }
    System.gc();
    for (int i = 0; i < (round == 0 ? WARM_UP : APPENDS); i++) {
      long id = i;
      var sample = Probe.time(() -> peer.append(OneRow.of(peer.session(), id), table));
      if (round > 0) {
        entry.add(sample);
      }
    }
    peer.settle();
    lab.probe().drainEvents();
  }
}
