package io.sluice.bench.cases;

import io.sluice.bench.measure.Sample;
import io.sluice.bench.measure.Stages;
import io.sluice.bench.peer.Codec;
import io.sluice.bench.peer.Peer;
import io.sluice.bench.peer.Peers;
import io.sluice.bench.peer.Table;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.analysis.NoSuchTableException;
import org.apache.spark.sql.delta.DeltaLog;
import org.apache.spark.sql.delta.DeltaOperations;
import org.apache.spark.sql.delta.actions.Action;
import org.apache.spark.sql.types.StructType;
import scala.Option;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The driver's part of a job that wrote many files: one commit of them all. Sluice writes them, a row each, and its
 * commit is timed by its own metric; delta-spark is given the same add actions to commit, where it takes part. Peak memory
 * is that of Sluice's whole job, tasks included, and of delta-spark's commit alone.
 */
record CommitFiles(String name, int files) implements BenchCase {
  private static final StructType SCHEMA = StructType.fromDDL("id BIGINT");
  private static final int TASKS = 8;
  private static final Set<String> COMMITTERS = Set.of(Peers.SLUICE, Peers.DELTA);

  @Override
  public String title() {
    return String.format("one commit of %,d files, on the driver", files);
  }

  @Override
  public CaseResult run(Lab lab) {
    List<Peer> peers = lab.peers().stream().filter(peer -> COMMITTERS.contains(peer.name())).toList();
    Seq<Action> adds = peers.size() < COMMITTERS.size() ? null : addsBySluice(lab);
    Contest contest = new Contest(peers);
    contest.play(lab.settings().runs(), (entry, round) -> {
      Peer peer = entry.peer();
      Table table = table(peer.name(), round);
      Sample sample = peer.name().equals(Peers.SLUICE) ? bySluice(lab, table, peer) : byDelta(lab, table, peer, adds);
      if (round > 0) {
        entry.add(sample);
      }
      peer.drop(table);
    });
    return new CaseResult(name, title(), Peers.DELTA, contest.results());
  }

  private Seq<Action> addsBySluice(Lab lab) {
    Peer sluice = lab.peer(Peers.SLUICE);
    Table source = table("source", 0);
    write(sluice, source);
    Seq<Action> adds = adds(log(lab.peer(Peers.DELTA), sluice.directory(source)));
    sluice.drop(source);
    return adds;
  }

  private Table table(String of, int round) {
    return new Table(name.replace('-', '_') + "_" + of + "_" + round, SCHEMA, null, new Codec("snappy", 1));
  }

  private Sample bySluice(Lab lab, Table table, Peer sluice) {
    sluice.create(table);
    Sample append = lab.probe().measure(() -> append(sluice, table));
    double millis = Stages.last(sluice.session(), 1).get(0).get("commit");
    return append.taking((long) (millis * 1_000_000));
  }

  private void write(Peer sluice, Table table) {
    sluice.create(table);
    append(sluice, table);
  }

  private void append(Peer sluice, Table table) {
    Dataset<Row> rows = sluice.session().range(0, files, 1, TASKS).toDF();
    try {
      rows.writeTo("lake." + table.name()).option("maxRecordsPerFile", 1).append();
    } catch (NoSuchTableException e) {
      throw new IllegalStateException("The table was just created", e);
    }
  }

  private static Sample byDelta(Lab lab, Table table, Peer delta, Seq<Action> adds) {
    delta.create(table);
    DeltaLog log = log(delta, delta.directory(table));
    return lab.probe().measure(() -> log.startTransaction(Option.empty(), Option.empty()).commit(adds, DeltaOperations.ManualUpdate$.MODULE$));
  }

  private static Seq<Action> adds(DeltaLog log) {
    List<Action> adds = List.copyOf(log.unsafeVolatileSnapshot().allFiles().collectAsList());
    return CollectionConverters.asScala(adds).toList();
  }

  private static DeltaLog log(Peer delta, Path table) {
    SparkSession.setActiveSession(delta.session()); // where delta-spark looks for its own settings
    return DeltaLog.forTable((org.apache.spark.sql.classic.SparkSession) delta.session(), table.toString());
  }
}
