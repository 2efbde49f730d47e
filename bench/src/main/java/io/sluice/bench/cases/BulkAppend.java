package io.sluice.bench.cases;

import io.sluice.bench.data.Source;
import io.sluice.bench.measure.Sample;
import io.sluice.bench.measure.Stages;
import io.sluice.bench.peer.Codec;
import io.sluice.bench.peer.Peer;
import io.sluice.bench.peer.Peers;
import io.sluice.bench.peer.Table;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * A whole source, from Parquet files into an existing empty table by one append.
 *
 * @param partitionBy a column, or null
 */
record BulkAppend(String name, Source source, Codec codec, String partitionBy) implements BenchCase {
  @Override
  public String title() {
    return String.format("%,d rows, %s, %s", source.rows(), source.described(), codec);
  }

  @Override
  public CaseResult run(Lab lab) {
    lab.prepare(source);
    Contest contest = new Contest(lab.bulkPeers());
    contest.play(lab.settings().runs(), (entry, round) -> turn(lab, entry, round));
    return new CaseResult(name, title(), Peers.DELTA, contest.results());
  }

  private void turn(Lab lab, Contest.Entry entry, int round) {
    Peer peer = entry.peer();
    Dataset<Row> rows = lab.read(source, peer.session());
    Table table = new Table(name.replace('-', '_') + "_" + round, rows.schema(), partitionBy, codec);
    peer.create(table);
    try {
      Sample sample = peer.measure(rows, table, lab.probe());
      if (round == 0) {
        Arrival.check(peer, table, source.rows());
        entry.setOutput(Output.of(peer.directory(table)));
      } else {
        entry.add(sample);
        entry.add(Stages.last(peer.session(), peer.name().startsWith(Peers.SLUICE) ? 1 : 0));
      }
    } finally {
      peer.drop(table);
    }
  }
}
