package io.sluice.bench.cases;

import io.sluice.bench.peer.Peer;
import io.sluice.bench.peer.Table;

/** A fast append that lost rows is not measured. */
final class Arrival {
  private Arrival() {}

  static void check(Peer peer, Table table, long expected) {
    long rows = peer.rows(table);
    if (rows >= 0 && rows != expected) {
      throw new IllegalStateException("Of " + expected + " rows " + rows + " arrived");
    }
  }
}
