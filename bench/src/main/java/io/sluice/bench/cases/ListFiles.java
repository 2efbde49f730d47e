package io.sluice.bench.cases;

import io.sluice.bench.peer.Codec;
import io.sluice.bench.peer.Peer;
import io.sluice.bench.peer.Peers;
import io.sluice.bench.peer.Table;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.delta.DeltaLog;

/**
 * Collecting what the log of a Delta table of many files says of them: Sluice's table of files, and all files of
 * delta-spark's snapshot. Sluice replays the log each time; delta-spark keeps the state it has replayed in the heap.
 *
 * @param again whether delta-spark has that state from the round before, or replays the log, too
 * @param files of each commit
 */
record ListFiles(String name, boolean again, int commits, int files) implements BenchCase {
  @Override
  public String title() {
    return String.format("Collecting %,d files of a log%s", total(), again ? ", again" : "");
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
    if (!again) {
      DeltaLog.clearCache();
    }
    var sample = lab.probe().measure(() -> {
      Dataset<Row> rows = peer.name().equals(Peers.SLUICE) ? ofSluice(peer.session(), table) : ofDelta(peer.session(), table);
      int found = rows.collectAsList().size();
      if (found != total()) {
        throw new IllegalStateException("Cannot compare: " + found + " files instead of " + total());
      }
    });
    if (round > 0) {
      entry.add(sample);
    }
  }

  private long total() {
    return (long) commits * files;
  }

  /** All that add actions have; bounds are in the statistics there, too. */
  private static Dataset<Row> ofSluice(SparkSession session, Path table) {
    return session.table("lake.delta.`" + table + "`.files").select("path", "size", "modification_time", "stats", "tags",
        "deletion_vector", "base_row_id", "default_row_commit_version", "clustering_provider");
  }

  private static Dataset<Row> ofDelta(SparkSession session, Path table) {
    SparkSession.setActiveSession(session); // where delta-spark looks for its own settings
    return DeltaLog.forTable((org.apache.spark.sql.classic.SparkSession) session, table.toString())
        .unsafeVolatileSnapshot().allFiles().toDF();
  }
}
