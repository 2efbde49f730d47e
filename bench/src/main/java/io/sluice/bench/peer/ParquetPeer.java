package io.sluice.bench.peer;

import io.sluice.bench.Directories;
import java.nio.file.Path;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Spark's Parquet writer: files without a table. */
record ParquetPeer(SparkSession session, Path root) implements Peer {
  @Override
  public String name() {
    return "parquet";
  }

  @Override
  public String label() {
    return "Spark Parquet";
  }

  @Override
  public void create(Table table) {
    table.codec().sessionConf().forEach(session.conf()::set);
    Directories.create(directory(table));
  }

  @Override
  public void append(Dataset<Row> rows, Table table) {
    DataFrameWriter<Row> writer = rows.write().mode("append");
    if (table.partitionBy() != null) {
      writer = writer.partitionBy(table.partitionBy());
    }
    writer.parquet(directory(table).toString());
  }

  @Override
  public long rows(Table table) {
    return session.read().parquet(directory(table).toString()).count();
  }

  @Override
  public Path directory(Table table) {
    return root.resolve(table.name());
  }

  @Override
  public void drop(Table table) {
    Directories.delete(directory(table));
  }
}
