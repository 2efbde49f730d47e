package io.sluice.bench.cases;

import io.sluice.bench.Settings;
import io.sluice.bench.Sessions;
import io.sluice.bench.data.Source;
import io.sluice.bench.measure.Probe;
import io.sluice.bench.peer.Peer;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** What all cases share. */
public record Lab(Settings settings, Sessions sessions, List<Peer> peers, Probe probe) {

  /** The peer of that name, which the run must not leave out. */
  Peer peer(String name) {
    return peers.stream().filter(peer -> peer.name().equals(name)).findFirst()
        .orElseThrow(() -> new IllegalArgumentException("Cannot run this case without the peer " + name));
  }

  /** Without delta-spark's variant for small tables, which is the same writer here. */
  List<Peer> bulkPeers() {
    return peers.stream().filter(peer -> !peer.name().equals("delta-tuned")).toList();
  }

  /** Without columnar input: a row made in memory has no columns to keep. */
  List<Peer> smallPeers() {
    return peers.stream().filter(peer -> peer.takesAnyRows() && !peer.name().equals("sluice-columnar")).toList();
  }

  void prepare(Source source) {
    source.prepare(sessions.plain(), settings.data());
  }

  Dataset<Row> read(Source source, SparkSession session) {
    return source.read(session, settings.data());
  }
}
