package io.sluice.bench.cases;

import io.sluice.bench.measure.Probe;
import io.sluice.bench.measure.Stages;
import io.sluice.bench.peer.Codec;
import io.sluice.bench.peer.Peer;
import io.sluice.bench.peer.Peers;
import io.sluice.bench.peer.Table;

/** Many appends of one row to one table. */
record SmallAppends(String name, int appends, Codec codec) implements BenchCase {
  /**
   * Appends in a turn: long enough that checkpoints, and what else a peer does behind its commits, disturb that peer's own
   * appends and not the next peer's.
   */
  private static final int TURN = 25;

  @Override
  public String title() {
    return String.format("%,d appends of one row", turns() * TURN);
  }

  @Override
  public CaseResult run(Lab lab) {
    Table table = new Table("small", OneRow.SCHEMA, null, codec);
    Contest contest = new Contest(lab.smallPeers());
    try {
      contest.play(turns(), (entry, round) -> turn(lab, entry, round, table));
    } finally {
      lab.peers().forEach(peer -> peer.drop(table));
    }
    return new CaseResult(name, title(), Peers.DELTA, contest.results());
  }

  private int turns() {
    return Math.max(1, appends / TURN);
  }

  private void turn(Lab lab, Contest.Entry entry, int round, Table table) {
    Peer peer = entry.peer();
    if (round == 0) {
      peer.create(table);
    }
    System.gc();
    for (int i = 0; i < TURN; i++) {
      long id = (long) round * TURN + i;
      var sample = Probe.time(() -> peer.append(OneRow.of(peer.session(), id), table));
      if (round > 0) {
        entry.add(sample);
      }
    }
    peer.settle();
    lab.probe().drainEvents();
    if (round > 0 && peer.name().equals(Peers.SLUICE)) {
      entry.add(Stages.last(peer.session(), TURN));
    }
    if (round == turns()) {
      Arrival.check(peer, table, (round + 1L) * TURN);
    }
  }
}
