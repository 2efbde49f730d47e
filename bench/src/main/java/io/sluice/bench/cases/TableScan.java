package io.sluice.bench.cases;

import io.sluice.bench.data.Source;
import io.sluice.bench.peer.Codec;
import io.sluice.bench.peer.Peer;
import io.sluice.bench.peer.Peers;
import io.sluice.bench.peer.Table;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * One Delta table, read through both connectors: the same files, so that only the readers differ.
 *
 * @param described what is asked of the table
 * @param query from all rows to the wanted ones
 */
record TableScan(String name, Source source, Codec codec, String described, UnaryOperator<Dataset<Row>> query)
    implements BenchCase {
  /** Peers that read Delta tables, and the format each is read through. */
  static final Map<String, String> FORMATS = Map.of(Peers.DELTA, "delta", Peers.SLUICE, "sluice");

  @Override
  public String title() {
    return String.format("Reading %,d rows, %s, %s: %s", source.rows(), source.described(), codec, described);
  }

  @Override
  public CaseResult run(Lab lab) {
    lab.prepare(source);
    List<Peer> readers = lab.peers().stream().filter(peer -> FORMATS.containsKey(peer.name())).toList();
    Contest contest = new Contest(readers);
    if (!readers.isEmpty()) {
      Peer writer = readers.get(0);
      Table table = new Table(name.replace('-', '_'), lab.read(source, writer.session()).schema(), null, codec);
      writer.create(table);
      try {
        writer.append(lab.read(source, writer.session()), table);
        contest.play(lab.settings().runs(), (entry, round) -> turn(lab, entry, round, writer.directory(table)));
      } finally {
        writer.drop(table);
      }
    }
    return new CaseResult(name, title(), Peers.DELTA, contest.results());
  }

  private void turn(Lab lab, Contest.Entry entry, int round, Path table) {
    Peer peer = entry.peer();
    Dataset<Row> rows =
        query.apply(peer.session().read().format(FORMATS.get(peer.name())).load(table.toString()));
    var sample = lab.probe().measure(() -> rows.write().format("noop").mode("append").save());
    if (round > 0) {
      entry.add(sample);
    }
  }
}
