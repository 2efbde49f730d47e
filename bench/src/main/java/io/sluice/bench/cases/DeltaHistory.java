package io.sluice.bench.cases;

import io.sluice.bench.Sessions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.delta.DeltaLog;
import scala.Option;

/**
 * A past for a table: commits written by hand, as appending does not open the files they name, and delta-spark's
 * checkpoint.
 */
final class DeltaHistory {
  private static final String COMMIT_INFO = """
      {"commitInfo":{"timestamp":%d,"operation":"WRITE","operationParameters":{"mode":"Append","partitionBy":"[]"},\
      "isolationLevel":"Serializable","isBlindAppend":true,"engineInfo":"bench","txnId":"%08d"}}
      """;
  private static final String ADD = """
      {"add":{"path":"part-%1$08d-%2$08d.snappy.parquet","partitionValues":{},"size":1200,"modificationTime":%3$d,\
      "dataChange":true,"stats":"{\\"numRecords\\":1,\\"minValues\\":{\\"id\\":%2$d},\\"maxValues\\":{\\"id\\":%2$d},\
      \\"nullCount\\":{\\"id\\":0}}"}}
      """;
  private static final long START = 1_704_110_400_000L;

  private DeltaHistory() {}

  /**
   * Versions 1 to {@code commits} of a table that has version 0, each with {@code files} files, and a checkpoint at the
   * last version divisible by ten.
   */
  static void write(Sessions sessions, Path table, int commits, int files) {
    int checkpoint = commits - commits % 10;
    Path log = table.resolve("_delta_log");
    commit(log, 1, checkpoint, files);
    SparkSession delta = sessions.open(
        Map.of("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog"),
        "io.delta.sql.DeltaSparkSessionExtension");
    SparkSession.setActiveSession(delta); // where delta-spark looks for its own settings
    DeltaLog.clearCache();
    DeltaLog deltaLog = DeltaLog.forTable((org.apache.spark.sql.classic.SparkSession) delta, table.toString());
    deltaLog.checkpoint(deltaLog.unsafeVolatileSnapshot(), Option.empty());
    SparkSession.clearActiveSession();
    commit(log, checkpoint + 1, commits, files);
    DeltaLog.clearCache();
  }

  private static void commit(Path log, int first, int last, int files) {
    for (int version = first; version <= last; version++) {
      long timestamp = START + version * 1000L;
      try (Writer commit = Files.newBufferedWriter(log.resolve(String.format("%020d.json", version)))) {
        commit.write(String.format(COMMIT_INFO, timestamp, version));
        for (int file = 0; file < files; file++) {
          commit.write(String.format(ADD, version, file, timestamp));
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
