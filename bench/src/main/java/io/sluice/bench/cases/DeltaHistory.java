package io.sluice.bench.cases;

import io.sluice.bench.Sessions;
import java.io.IOException;
import java.io.UncheckedIOException;
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
  private static final String COMMIT = """
      {"commitInfo":{"timestamp":%1$d,"operation":"WRITE","operationParameters":{"mode":"Append","partitionBy":"[]"},\
      "isolationLevel":"Serializable","isBlindAppend":true,"operationMetrics":{"numFiles":"1","numOutputRows":"1",\
      "numOutputBytes":"1200"},"engineInfo":"bench","txnId":"%2$s"}}
      {"add":{"path":"part-%2$s.snappy.parquet","partitionValues":{},"size":1200,"modificationTime":%1$d,\
      "dataChange":true,"stats":"{\\"numRecords\\":1,\\"minValues\\":{\\"id\\":%3$d},\\"maxValues\\":{\\"id\\":%3$d},\
      \\"nullCount\\":{\\"id\\":0}}"}}
      """;
  private static final long START = 1_704_110_400_000L;

  private DeltaHistory() {}

  /** Versions 1 to {@code commits} of a table that has version 0, with a checkpoint at the last version divisible by ten. */
  static void write(Sessions sessions, Path table, int commits) {
    int checkpoint = commits - commits % 10;
    Path log = table.resolve("_delta_log");
    commit(log, 1, checkpoint);
    SparkSession delta = sessions.open(
        Map.of("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog"),
        "io.delta.sql.DeltaSparkSessionExtension");
    SparkSession.setActiveSession(delta); // where delta-spark looks for its own settings
    DeltaLog.clearCache();
    DeltaLog deltaLog = DeltaLog.forTable((org.apache.spark.sql.classic.SparkSession) delta, table.toString());
    deltaLog.checkpoint(deltaLog.unsafeVolatileSnapshot(), Option.empty());
    SparkSession.clearActiveSession();
    commit(log, checkpoint + 1, commits);
    DeltaLog.clearCache();
  }

  private static void commit(Path log, int first, int last) {
    try {
      for (int version = first; version <= last; version++) {
        String id = String.format("%08d-0000-0000-0000-000000000000", version);
        Files.writeString(log.resolve(String.format("%020d.json", version)),
            String.format(COMMIT, START + version * 1000L, id, version));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
