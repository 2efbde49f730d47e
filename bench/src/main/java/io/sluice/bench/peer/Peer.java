package io.sluice.bench.peer;

import io.sluice.bench.measure.Probe;
import io.sluice.bench.measure.Sample;
import java.nio.file.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** One way to append rows on Spark. */
public interface Peer {
  /** As the user of the bench chooses it. */
  String name();

  /** As a reader of the results sees it. */
  String label();

  SparkSession session();

  /** An empty table; not timed. */
  void create(Table table);

  /** The one thing that is timed. */
  void append(Dataset<Row> rows, Table table);

  /** Appends, and tells what that took. */
  default Sample measure(Dataset<Row> rows, Table table, Probe probe) {
    return probe.measure(() -> append(rows, table));
  }

  /** Rows of the table as a reader sees it, or -1 if this peer keeps none; not timed. */
  long rows(Table table);

  /** Where its files are, or null if it writes none. */
  Path directory(Table table);

  /** Deletes the table; not timed. */
  void drop(Table table);

  /** Whether it takes rows wherever they come from; some only read files. */
  default boolean takesAnyRows() {
    return true;
  }

  /** Waits for what goes on behind the last append, so that no other peer pays for it. */
  default void settle() {}
}
