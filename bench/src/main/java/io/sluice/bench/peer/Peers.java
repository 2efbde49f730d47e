package io.sluice.bench.peer;

import io.sluice.bench.Directories;
import io.sluice.bench.Sessions;
import io.sluice.bench.Settings;
import io.sluice.spark.jni.NativeControl;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;

/** All peers, each set up as its own documentation says, with its own session. */
public final class Peers {
  public static final String SLUICE = "sluice";
  public static final String DELTA = "delta";

  private static final String SLUICE_EXTENSIONS = "io.sluice.spark.SluiceExtensions";
  private static final String DELTA_EXTENSIONS = "io.delta.sql.DeltaSparkSessionExtension";
  private static final Map<String, String> DELTA_CATALOG =
      Map.of("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog");
  /** Programs outside the JVM, where the build has them. */
  private static final String FLOOR = System.getProperty("sluice.bench.floor");
  private static final String PYTHON = System.getProperty("sluice.bench.python");
  private static final String SCRIPT = System.getProperty("sluice.bench.deltaRs");
  private static final Runnable NOTHING = () -> {};

  private final Sessions sessions;
  private final Path tables;
  private final int cores;

  private Peers(Sessions sessions, Path tables, int cores) {
    this.sessions = sessions;
    this.tables = tables;
    this.cores = cores;
  }

  /** The chosen peers; a session is opened only for those. */
  public static List<Peer> of(Sessions sessions, Settings settings) {
    return new Peers(sessions, settings.work(), settings.cores()).all().entrySet().stream()
        .filter(peer -> settings.wantsPeer(peer.getKey())).map(peer -> peer.getValue().get()).toList();
  }

  private Map<String, Supplier<Peer>> all() {
    Map<String, Supplier<Peer>> all = new LinkedHashMap<>();
    all.put("noop", () -> new NoopPeer(sessions.open(Map.of(), null)));
    if (FLOOR != null) {
      all.put("parquet-rs", this::floor);
    }
    if (PYTHON != null) {
      all.put("delta-rs", this::deltaRs);
    }
    all.put("parquet", () -> new ParquetPeer(sessions.open(Map.of(), null), tables.resolve("parquet")));
    all.put("iceberg", this::iceberg);
    all.put(DELTA, () -> delta(DELTA, "delta-spark", Map.of()));
    // A common advice for small tables, whose log is otherwise replayed in 50 tasks.
    all.put("delta-tuned", () -> delta("delta-tuned", "delta-spark, snapshotPartitions 2",
        Map.of("spark.databricks.delta.snapshotPartitions", "2")));
    all.put("delta-v2", () -> delta("delta-v2", "Delta's V2 connector",
        Map.of("spark.databricks.delta.v2.enableMode", "STRICT")));
    all.put(SLUICE, () -> sluice(SLUICE, "Sluice", null));
    if (present(SLUICE_EXTENSIONS)) {
      all.put("sluice-columnar", () -> sluice("sluice-columnar", "Sluice, columnar input", SLUICE_EXTENSIONS));
    }
    return all;
  }

  private Peer floor() {
    SparkSession session = sessions.open(Map.of(), null);
    return new OutsidePeer("parquet-rs", "parquet-rs from memory (floor)", session, tables.resolve("parquet-rs"),
        (table, directory, files) -> command(
            List.of(unpartitioned(table, FLOOR), table.codec().name(), directory.toString(), Integer.toString(cores)), files),
        directory -> session.read().parquet(directory.toString()).count());
  }

  private Peer deltaRs() {
    return new OutsidePeer("delta-rs", "delta-rs (no Spark)", sessions.open(Map.of(), null), tables.resolve("delta-rs"),
        (table, directory, files) -> command(
            List.of(PYTHON, SCRIPT, table.codec().name(), Integer.toString(table.codec().level()), directory.toString(),
                table.partitionBy() == null ? "" : table.partitionBy()), files),
        directory -> deltaRows(null, directory));
  }

  private static String unpartitioned(Table table, String program) {
    if (table.partitionBy() != null) {
      throw new IllegalArgumentException("it knows no partitions");
    }
    return program;
  }

  private static List<String> command(List<String> program, List<String> files) {
    return Stream.concat(program.stream(), files.stream()).toList();
  }

  private Peer iceberg() {
    Path warehouse = tables.resolve("iceberg");
    Map<String, String> conf = Map.of(
        "spark.sql.catalog.ice", "org.apache.iceberg.spark.SparkCatalog",
        "spark.sql.catalog.ice.type", "hadoop",
        "spark.sql.catalog.ice.warehouse", warehouse.toString());
    SparkSession session = sessions.open(conf, null);
    return new CatalogPeer("iceberg", "Iceberg", session, warehouse.resolve("db"),
        (table, directory) -> "ice.db." + table.name(),
        Peers::icebergOptions, (table, directory) -> session.table("ice.db." + table.name()).count(), NOTHING,
        (filled, name) -> rolledBack(session, filled));
  }

  private static String icebergOptions(Table table) {
    String way = table.changes() == Table.RowChanges.MERGE_ON_READ ? "merge-on-read" : "copy-on-write";
    return "USING iceberg TBLPROPERTIES ('write.parquet.compression-codec'='" + table.codec().name()
        + "', 'write.parquet.compression-level'='" + table.codec().level() + "', 'format-version'='3', 'write.delete.mode'='"
        + way + "', 'write.update.mode'='" + way + "', 'write.merge.mode'='" + way + "')";
  }

  private static String deltaOptions(Table table) {
    boolean marks = table.changes() == Table.RowChanges.MERGE_ON_READ;
    return "USING delta TBLPROPERTIES ('delta.enableDeletionVectors'='" + marks + "')";
  }

  /** Iceberg's tables cannot be copied, as they name their files by absolute paths. */
  private static Table rolledBack(SparkSession session, Table filled) {
    String table = "ice.db." + filled.name();
    long first = session.sql("SELECT snapshot_id FROM " + table + ".snapshots ORDER BY committed_at LIMIT 1").first().getLong(0);
    session.sql("CALL ice.system.rollback_to_snapshot('db." + filled.name() + "', " + first + ")");
    return filled;
  }

  private static Table copied(Path root, Table filled, String name) {
    Directories.link(root.resolve(filled.name()), root.resolve(name));
    return filled.named(name);
  }

  private Peer delta(String name, String label, Map<String, String> settings) {
    Map<String, String> conf = new LinkedHashMap<>(DELTA_CATALOG);
    conf.putAll(settings);
    return new CatalogPeer(name, label, sessions.open(conf, DELTA_EXTENSIONS), tables.resolve(name),
        (table, directory) -> "delta.`" + directory + "`", Peers::deltaOptions, this::deltaRows, NOTHING,
        (filled, copy) -> copied(tables.resolve(name), filled, copy));
  }

  private Peer sluice(String name, String label, String extension) {
    Path warehouse = tables.resolve(name);
    Map<String, String> conf = Map.of(
        "spark.sql.catalog.lake", "io.sluice.spark.SluiceCatalog",
        "spark.sql.catalog.lake.warehouse", warehouse.toString());
    return new CatalogPeer(name, label, sessions.open(conf, extension), warehouse,
        (table, directory) -> "lake." + table.name(), Peers::deltaOptions, this::deltaRows,
        () -> NativeControl.awaitMaintenance(60_000), (filled, copy) -> copied(warehouse, filled, copy));
  }

  private long deltaRows(Table table, Path directory) {
    return sessions.open(DELTA_CATALOG, DELTA_EXTENSIONS).read().format("delta").load(directory.toString()).count();
  }

  private static boolean present(String className) {
    try {
      Class.forName(className, false, Peers.class.getClassLoader());
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }
}
