package io.sluice.bench.peer;

import io.sluice.bench.Directories;
import io.sluice.bench.measure.Probe;
import io.sluice.bench.measure.Sample;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * A writer that is a program of its own, without Spark. It is handed the input files, starts afresh each time, and keeps its
 * own clock: its last line is the nanoseconds that counted.
 *
 * @param reader counts the rows that lie in a directory
 */
record OutsidePeer(String name, String label, SparkSession session, Path root, CommandLine command,
    ToLongFunction<Path> reader) implements Peer {

  /** The program and its arguments. */
  @FunctionalInterface
  interface CommandLine {
    List<String> of(Table table, Path directory, List<String> files);
  }

  @Override
  public void create(Table table) {
    Directories.create(directory(table));
  }

  @Override
  public void append(Dataset<Row> rows, Table table) {
    run(rows, table);
  }

  @Override
  public Sample measure(Dataset<Row> rows, Table table, Probe probe) {
    return Sample.of(run(rows, table));
  }

  @Override
  public long rows(Table table) {
    return reader.applyAsLong(directory(table));
  }

  @Override
  public Path directory(Table table) {
    return root.resolve(table.name());
  }

  @Override
  public void drop(Table table) {
    Directories.delete(directory(table));
  }

  @Override
  public boolean takesAnyRows() {
    return false;
  }

  private long run(Dataset<Row> rows, Table table) {
    Stream<String> files = Stream.of(rows.inputFiles()).map(file -> Path.of(URI.create(file)).toString());
    List<String> arguments = command.of(table, directory(table), files.toList());
    try {
      Process process = new ProcessBuilder(arguments).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      String said = new String(process.getInputStream().readAllBytes()).strip();
      int exit = process.waitFor();
      if (exit != 0) {
        throw new IllegalStateException(arguments.get(0) + " ended with " + exit + ": " + said);
      }
      return Long.parseLong(said.lines().reduce("", (before, last) -> last));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot run " + arguments.get(0), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
