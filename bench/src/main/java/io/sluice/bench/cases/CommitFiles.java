package io.sluice.bench.cases;

import io.sluice.bench.measure.Probe;
import io.sluice.bench.measure.Sample;
import io.sluice.bench.measure.Stages;
import io.sluice.bench.peer.Codec;
import io.sluice.bench.peer.Peer;
import io.sluice.bench.peer.Peers;
import io.sluice.bench.peer.Table;
import java.nio.file.Path;
import java.util.List;
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
 * commit is timed by its own metric; delta-spark is given the same add actions to commit.
 */
record CommitFiles(String name, int files) implements BenchCase {
  private static final StructType SCHEMA = StructType.fromDDL("id BIGINT");
  private static final int TASKS = 8;

  @Override
  public String title() {
    return String.format("one commit of %,d files, on the driver", files);
  }

  @Override
  public CaseResult run(Lab lab) {
    Peer sluice = lab.peer(Peers.SLUICE);
    Table source = table("source", 0);
    write(sluice, source);
    Peer delta = lab.peer(Peers.DELTA);
    Seq<Action> adds = adds(log(delta, sluice.directory(source)));
    Contest contest = new Contest(List.of(sluice, delta));
    contest.play(lab.settings().runs(), (entry, round) -> {
      Peer peer = entry.peer();
      Table table = table(peer.name(), round);
      Sample sample = peer == sluice ? bySluice(lab, table, sluice) : byDelta(peer, table, adds);
      if (round > 0) {
        entry.add(sample);
      }
      peer.drop(table);
    });
    sluice.drop(source);
    return new CaseResult(name, title(), Peers.DELTA, contest.results());
  }

  private Table table(String of, int round) {
    return new Table(name.replace('-', '_') + "_" + of + "_" + round, SCHEMA, null, new Codec("snappy", 1));
  }

  private Sample bySluice(Lab lab, Table table, Peer sluice) {
    write(sluice, table);
    lab.probe().drainEvents();
    double millis = Stages.last(sluice.session(), 1).get(0).get("commit");
    return Sample.of((long) (millis * 1_000_000));
  }

  private void write(Peer sluice, Table table) {
    sluice.create(table);
    Dataset<Row> rows = sluice.session().range(0, files, 1, TASKS).toDF();
    try {
      rows.writeTo("lake." + table.name()).option("maxRecordsPerFile", 1).append();
    } catch (NoSuchTableException e) {
      throw new IllegalStateException("The table was just created", e);
    }
  }

  private static Sample byDelta(Peer delta, Table table, Seq<Action> adds) {
    delta.create(table);
    DeltaLog log = log(delta, delta.directory(table));
    return Probe.time(() -> log.startTransaction(Option.empty(), Option.empty()).commit(adds, DeltaOperations.ManualUpdate$.MODULE$));
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
