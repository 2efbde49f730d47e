package io.sluice.bench.cases;

import io.sluice.bench.data.Source;
import io.sluice.bench.measure.Probe;
import io.sluice.bench.peer.Peer;
import io.sluice.bench.peer.Peers;
import io.sluice.bench.peer.SqlPeer;
import io.sluice.bench.peer.Table;
import java.util.List;

/** Small merges one after another into one table: whether the last is as fast as the first. Each is a sample. */
record MergeInARow(String name, Source source, Table.RowChanges way, int merges) implements BenchCase {
  @Override
  public String title() {
    return String.format("%d merges of 100 rows in a row into %,d rows, deletion vectors", merges, source.rows());
  }

  @Override
  public CaseResult run(Lab lab) {
    lab.prepare(source);
    Statement merge = Statement.all(source.rows()).stream().filter(one -> one.name().equals("merge-small")).findFirst().orElseThrow();
    ChangeRows change = new ChangeRows(name, source, way, merge);
    List<Peer> peers = lab.peers().stream().filter(FilledTable::isChangeable).toList();
    Contest contest = new Contest(peers);
    contest.play(0, (entry, round) -> {
      SqlPeer peer = (SqlPeer) entry.peer();
      FilledTable filled = FilledTable.of(lab, peer, change);
      String sql = merge.sql(lab, peer.session(), source, peer.sqlName(filled.table()));
      try {
        for (int i = 0; i < merges; i++) {
          entry.add(Probe.time(() -> peer.session().sql(sql)));
        }
      } finally {
        filled.drop();
      }
    });
    return new CaseResult(name, title(), Peers.DELTA, contest.results());
  }
}
