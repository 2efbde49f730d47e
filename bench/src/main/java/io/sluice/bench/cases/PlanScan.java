package io.sluice.bench.cases;

import io.sluice.bench.peer.Codec;
import io.sluice.bench.peer.Peer;
import io.sluice.bench.peer.Peers;
import io.sluice.bench.peer.Table;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Planning one query on a Delta table of many files, up to the partitions of its tasks, each round for another value; no
 * task runs, as the files do not exist. Delta-spark plans from the state of the log that it keeps in the heap. The peak of
 * memory tells little here, as the heap has held that state before.
 *
 * @param files of each commit
 */
record PlanScan(String name, int commits, int files) implements BenchCase {
  @Override
  public String title() {
    return String.format("Planning a query for %d of %,d files", commits, (long) commits * files);
  }

  @Override
  public CaseResult run(Lab lab) {
    List<Peer> readers = lab.peers().stream().filter(peer -> TableScan.FORMATS.containsKey(peer.name())).toList();
    Contest contest = new Contest(readers);
    if (!readers.isEmpty()) {
      Peer writer = readers.get(0);
      Table table = new Table(name.replace('-', '_'), OneRow.SCHEMA, null, new Codec("snappy", 1));
      writer.create(table);
      try {
        DeltaHistory.write(lab.sessions(), writer.directory(table), commits, files);
        contest.play(lab.settings().runs(), (entry, round) -> turn(lab, entry, round, writer.directory(table)));
      } finally {
        writer.drop(table);
      }
    }
    return new CaseResult(name, title(), Peers.DELTA, contest.results());
  }

  private void turn(Lab lab, Contest.Entry entry, int round, Path table) {
    Peer peer = entry.peer();
    var sample = lab.probe().measure(() -> {
      Dataset<Row> rows = peer.session().read().format(TableScan.FORMATS.get(peer.name())).load(table.toString())
          .where("id = " + round);
      int partitions = rows.queryExecution().toRdd().getNumPartitions();
      if (partitions == 0) {
        throw new IllegalStateException("Cannot plan a query on " + table + ": there are no files to read");
      }
    });
    if (round > 0) {
      entry.add(sample);
    }
  }
}
