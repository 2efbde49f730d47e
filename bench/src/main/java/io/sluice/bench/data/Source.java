package io.sluice.bench.data;

import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** One input: Parquet files of equal size made once by Spark, the same in every run and for every peer. */
public record Source(String name, String described, long rows, int files, Maker maker) {
  /** Equal files, so that two, four and eight cores all get equal shares. */
  static final int FILES = 8;

  Source(String name, String described, long rows, Maker maker) {
    this(name, described, rows, FILES, maker);
  }

  /** The same rows in another number of files. */
  public Source inFiles(int number) {
    return new Source(name, described + " in " + number + " files", rows, number, maker);
  }

  /** Makes the rows of a source; deterministic. */
  @FunctionalInterface
  public interface Maker {
    Dataset<Row> rows(SparkSession spark, Path data, int files);
  }

  /** Writes the files unless an earlier run left them complete. */
  public void prepare(SparkSession spark, Path data) {
    if (!Files.exists(directory(data).resolve("_SUCCESS"))) {
      System.out.printf("Making %,d rows of %s ...%n", rows, name);
      maker.rows(spark, data, files).write().mode("overwrite").parquet(directory(data).toString());
    }
  }

  /** With the schema given: left to infer it, Spark does so once more, as a job, inside every write that is timed. */
  public Dataset<Row> read(SparkSession spark, Path data) {
    String files = directory(data).toString();
    return spark.read().schema(spark.read().parquet(files).schema()).parquet(files);
  }

  private Path directory(Path data) {
    return data.resolve(name + "-" + rows + (files == FILES ? "" : "-" + files));
  }
}
