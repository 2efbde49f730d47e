package io.sluice.bench.peer;

import io.sluice.bench.Sessions;
import io.sluice.spark.jni.NativeControl;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.apache.spark.sql.SparkSession;

/** All peers, each set up as its own documentation says, with its own session. */
public final class Peers {
  public static final String SLUICE = "sluice";
  public static final String DELTA = "delta";

  private static final String SLUICE_EXTENSIONS = "io.sluice.spark.SluiceExtensions";
  private static final String DELTA_EXTENSIONS = "io.delta.sql.DeltaSparkSessionExtension";
  private static final Map<String, String> DELTA_CATALOG =
      Map.of("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog");
  private static final Runnable NOTHING = () -> {};

  private final Sessions sessions;
  private final Path tables;

  private Peers(Sessions sessions, Path tables) {
    this.sessions = sessions;
    this.tables = tables;
  }

  /** The chosen peers; a session is opened only for those. */
  public static List<Peer> of(Sessions sessions, Path tables, Predicate<String> chosen) {
    return new Peers(sessions, tables).all().entrySet().stream()
        .filter(peer -> chosen.test(peer.getKey())).map(peer -> peer.getValue().get()).toList();
  }

  private Map<String, Supplier<Peer>> all() {
    Map<String, Supplier<Peer>> all = new LinkedHashMap<>();
    all.put("noop", () -> new NoopPeer(sessions.open(Map.of(), null)));
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

  private Peer iceberg() {
    Path warehouse = tables.resolve("iceberg");
    Map<String, String> conf = Map.of(
        "spark.sql.catalog.ice", "org.apache.iceberg.spark.SparkCatalog",
        "spark.sql.catalog.ice.type", "hadoop",
        "spark.sql.catalog.ice.warehouse", warehouse.toString());
    SparkSession session = sessions.open(conf, null);
    return new CatalogPeer("iceberg", "Iceberg", session, warehouse.resolve("db"),
        (table, directory) -> "ice.db." + table.name(),
        codec -> "USING iceberg TBLPROPERTIES ('write.parquet.compression-codec'='" + codec.name()
            + "', 'write.parquet.compression-level'='" + codec.level() + "')",
        (table, directory) -> session.table("ice.db." + table.name()).count(), NOTHING);
  }

  private Peer delta(String name, String label, Map<String, String> settings) {
    Map<String, String> conf = new LinkedHashMap<>(DELTA_CATALOG);
    conf.putAll(settings);
    return new CatalogPeer(name, label, sessions.open(conf, DELTA_EXTENSIONS), tables.resolve(name),
        (table, directory) -> "delta.`" + directory + "`", codec -> "USING delta", this::deltaRows, NOTHING);
  }

  private Peer sluice(String name, String label, String extension) {
    Path warehouse = tables.resolve(name);
    Map<String, String> conf = Map.of(
        "spark.sql.catalog.lake", "io.sluice.spark.SluiceCatalog",
        "spark.sql.catalog.lake.warehouse", warehouse.toString());
    return new CatalogPeer(name, label, sessions.open(conf, extension), warehouse,
        (table, directory) -> "lake." + table.name(), codec -> "USING delta", this::deltaRows,
        () -> NativeControl.awaitMaintenance(60_000));
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
