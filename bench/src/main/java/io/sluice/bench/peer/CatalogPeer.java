package io.sluice.bench.peer;

import io.sluice.bench.Directories;
import java.nio.file.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.analysis.NoSuchTableException;

/**
 * A peer that is a Spark catalog: all of them are typed the same way, {@code df.writeTo(name).append()}.
 *
 * @param naming the table's name in SQL
 * @param options the rest of CREATE TABLE
 * @param reader the format's own reference reader, whoever wrote the table
 * @param settling waits for background work
 * @param renewal gives a table as it was when it was filled
 */
record CatalogPeer(String name, String label, SparkSession session, Path root, Naming naming, Options options,
    Reader reader, Runnable settling, Renewal renewal) implements SqlPeer {

  /** How a table is named in SQL, given where it lies. */
  @FunctionalInterface
  interface Naming {
    String of(Table table, Path directory);
  }

  /** What the format wants beyond columns and partitions. */
  @FunctionalInterface
  interface Options {
    String of(Table table);
  }

  /** Counts the rows of a table. */
  @FunctionalInterface
  interface Reader {
    long rows(Table table, Path directory);
  }

  /** Makes a table that holds what another one held when it was filled. */
  @FunctionalInterface
  interface Renewal {
    Table of(Table filled, String name);
  }

  @Override
  public Table renewed(Table filled, String name) {
    return renewal.of(filled, name);
  }

  @Override
  public void create(Table table) {
    table.codec().sessionConf().forEach(session.conf()::set);
    session.sql("CREATE TABLE " + sqlName(table) + " (" + table.schema().toDDL() + ") " + options.of(table)
        + (table.partitionBy() == null ? "" : " PARTITIONED BY (" + table.partitionBy() + ")"));
  }

  @Override
  public void append(Dataset<Row> rows, Table table) {
    try {
      rows.writeTo(sqlName(table)).append();
    } catch (NoSuchTableException e) {
      throw new IllegalStateException("The table was just created", e);
    }
  }

  @Override
  public long rows(Table table) {
    return reader.rows(table, directory(table));
  }

  @Override
  public Path directory(Table table) {
    return root.resolve(table.name());
  }

  @Override
  public void drop(Table table) {
    settle();
    Directories.delete(directory(table));
  }

  @Override
  public void settle() {
    settling.run();
  }

  @Override
  public String sqlName(Table table) {
    return naming.of(table, directory(table));
  }
}
