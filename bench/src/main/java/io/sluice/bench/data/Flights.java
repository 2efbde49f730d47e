package io.sluice.bench.data;

import io.sluice.bench.Directories;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Three million flights inside the United States, as the Bureau of Transportation Statistics published them: real data, with
 * its skew and its nulls. Fetched once with npm, as the package vega-datasets carries it; it is not kept in this repository.
 */
final class Flights {
  private static final String PACKAGE = "vega-datasets@3.2.1";
  private static final String FILE = "package/data/flights-3m.parquet";

  private Flights() {}

  /** The file's one row group would be one task, so it is dealt out over equal files first. */
  static Dataset<Row> rows(SparkSession spark, Path data, long limit, int files) {
    Path file = data.resolve("vega").resolve(FILE);
    if (!Files.exists(file)) {
      fetch(data.resolve("vega"));
    }
    return spark.read().parquet(file.toString()).limit(Math.toIntExact(limit)).repartition(files);
  }

  private static void fetch(Path into) {
    Directories.create(into);
    run(into, "npm", "pack", PACKAGE);
    run(into, "tar", "-xzf", "vega-datasets-3.2.1.tgz", FILE);
  }

  private static void run(Path directory, String... command) {
    try {
      int exit = new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor();
      if (exit != 0) {
        throw new IllegalStateException("Cannot fetch the flights: `" + String.join(" ", command) + "` failed.");
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot fetch the flights without " + command[0], e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted", e);
    }
  }
}
