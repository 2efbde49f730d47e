package io.sluice.bench.peer;

import java.nio.file.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** The floor: Spark's own job of producing the rows, for a sink that drops them. */
record NoopPeer(SparkSession session) implements Peer {
  @Override
  public String name() {
    return "noop";
  }

  @Override
  public String label() {
    return "noop (floor)";
  }

  @Override
  public void create(Table table) {}

  @Override
  public void append(Dataset<Row> rows, Table table) {
    rows.write().format("noop").mode("append").save();
  }

  @Override
  public long rows(Table table) {
    return -1;
  }

  @Override
  public Path directory(Table table) {
    return null;
  }

  @Override
  public void drop(Table table) {}
}
