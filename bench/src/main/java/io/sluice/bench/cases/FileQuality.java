package io.sluice.bench.cases;

import io.sluice.bench.Directories;
import io.sluice.bench.data.Source;
import io.sluice.bench.peer.Codec;
import io.sluice.bench.peer.Peer;
import io.sluice.bench.peer.Table;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/** How good the written files are: their number, size and row groups, and how long plain Spark takes to read all of them. */
record FileQuality(String name, Source source, Codec codec) implements BenchCase {
  @Override
  public String title() {
    return String.format("Spark reading what each wrote: %,d rows, %s", source.rows(), codec);
  }

  @Override
  public CaseResult run(Lab lab) {
    lab.prepare(source);
    SparkSession reader = lab.sessions().plain();
    StructType schema = lab.read(source, reader).schema();
    Table table = new Table(name.replace('-', '_'), schema, null, codec);
    Contest contest = new Contest(lab.bulkPeers().stream().filter(peer -> peer.directory(table) != null).toList());
    try {
      contest.play(lab.settings().runs(), (entry, round) -> turn(lab, entry, round, table));
    } finally {
      lab.peers().forEach(peer -> peer.drop(table));
    }
    return new CaseResult(name, title(), "parquet", contest.results());
  }

  private void turn(Lab lab, Contest.Entry entry, int round, Table table) {
    Peer peer = entry.peer();
    Path directory = peer.directory(table);
    if (round == 0) {
      peer.create(table);
      peer.append(lab.read(source, peer.session()), table);
      Arrival.check(peer, table, source.rows());
      entry.setOutput(Output.of(directory));
    }
    List<Path> files = Directories.dataFiles(directory);
    var rows = lab.sessions().plain().read().schema(table.schema())
        .parquet(files.stream().map(Path::toString).toArray(String[]::new));
    var sample = lab.probe().measure(() -> rows.write().format("noop").mode("append").save());
    if (round > 0) {
      entry.add(sample);
    }
  }
}
