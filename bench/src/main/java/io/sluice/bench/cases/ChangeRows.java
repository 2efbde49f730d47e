package io.sluice.bench.cases;

import io.sluice.bench.data.Source;
import io.sluice.bench.measure.Sample;
import io.sluice.bench.peer.Peer;
import io.sluice.bench.peer.Peers;
import io.sluice.bench.peer.SqlPeer;
import io.sluice.bench.peer.Table;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One statement that changes rows, on a table of many files ordered by key; each time on the table as it was filled. After
 * the first round all peers' tables have to hold the same rows.
 */
record ChangeRows(String name, Source source, Table.RowChanges way, Statement statement) implements BenchCase {
  @Override
  public String title() {
    return String.format("%s, %,d rows in %d files, %s", statement.described(), source.rows(), FilledTable.FILES,
        way == Table.RowChanges.MERGE_ON_READ ? "deletion vectors" : "copy on write");
  }

  @Override
  public CaseResult run(Lab lab) {
    lab.prepare(source);
    List<Peer> peers = lab.peers().stream().filter(FilledTable::isChangeable).toList();
    Contest contest = new Contest(peers);
    Map<String, FilledTable> filled = new HashMap<>();
    Map<String, Long> rows = new HashMap<>();
    try {
      contest.play(lab.settings().runs(), (entry, round) -> {
        SqlPeer peer = (SqlPeer) entry.peer();
        FilledTable table = filled.computeIfAbsent(peer.name(), any -> FilledTable.of(lab, peer, this));
        turn(lab, entry, round, table, rows);
      });
    } finally {
      filled.values().forEach(FilledTable::drop);
    }
    return new CaseResult(name, title(), Peers.DELTA, contest.results());
  }

  private void turn(Lab lab, Contest.Entry entry, int round, FilledTable filled, Map<String, Long> rows) {
    SqlPeer peer = (SqlPeer) entry.peer();
    Table table = filled.renewed(round);
    String sql = statement.sql(lab, peer.session(), source, peer.sqlName(table));
    Sample sample = lab.probe().measure(() -> peer.session().sql(sql));
    if (round > 0) {
      entry.add(sample);
    } else {
      rows.put(peer.name(), FilledTable.digest(peer, table));
      if (rows.values().stream().distinct().count() > 1) {
        throw new IllegalStateException("its rows differ from those of the others: " + rows);
      }
    }
    filled.discard(table);
  }
}
