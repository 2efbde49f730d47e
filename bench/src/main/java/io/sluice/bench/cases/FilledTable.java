package io.sluice.bench.cases;

import io.sluice.bench.peer.Codec;
import io.sluice.bench.peer.Peer;
import io.sluice.bench.peer.SqlPeer;
import io.sluice.bench.peer.Table;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** A peer's table, filled once, and what is made of it for each round. */
record FilledTable(SqlPeer peer, Table table) {
  static final int FILES = 64;
  /** One a format: peers that differ in how they append do not differ here. */
  private static final Set<String> PEERS = Set.of("delta", "sluice", "iceberg");

  static boolean isChangeable(Peer peer) {
    return peer instanceof SqlPeer && PEERS.contains(peer.name());
  }

  static FilledTable of(Lab lab, SqlPeer peer, ChangeRows change) {
    Dataset<Row> rows = lab.read(change.source(), peer.session());
    Table table = new Table(change.name().replace('-', '_'), rows.schema(), null, new Codec("snappy", 1), change.way());
    peer.create(table);
    peer.append(rows.repartitionByRange(FILES, rows.col("l_orderkey")), table);
    peer.settle();
    return new FilledTable(peer, table);
  }

  Table renewed(int round) {
    return peer.renewed(table, table.name() + "_" + round);
  }

  /** A number that tables of the same rows have in common, in whatever order they lie. */
  static long digest(SqlPeer peer, Table table) {
    Row sum = peer.session().sql("SELECT count(*), bit_xor(xxhash64(*)) FROM " + peer.sqlName(table)).first();
    return sum.getLong(0) * 31 + sum.getLong(1);
  }

  void discard(Table renewed) {
    if (!renewed.equals(table)) {
      peer.drop(renewed);
    }
  }

  void drop() {
    peer.drop(table);
  }
}
