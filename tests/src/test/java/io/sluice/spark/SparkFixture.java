package io.sluice.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * The one Spark session of the JVM, which may be PySpark's: `lake` is ours, the session catalog is delta-spark, the independent
 * reader. Where there is no delta-spark for the running Spark, the session catalog is ours, too.
 */
public final class SparkFixture {
    private static final AtomicInteger NAMES = new AtomicInteger();
    private static final boolean HAS_DELTA = SparkFixture.class.getClassLoader().getResource("io/delta/sql/DeltaSparkSessionExtension.class") != null;

    private SparkFixture() {}

    private static final class Holder {
        static final SparkSession SPARK = SparkSession.getDefaultSession().getOrElse(Holder::start);
        static final Path WAREHOUSE = Path.of(SPARK.conf().get("spark.sql.catalog.lake.warehouse"));

        private static SparkSession start() {
            SparkSession.Builder builder = SparkSession.builder().master("local[2]").appName("sluice-tests")
                .config("spark.ui.enabled", "false")
                .config("spark.sql.shuffle.partitions", "2")
                .config("spark.databricks.delta.snapshotPartitions", "1")
                .config("spark.sql.ui.explainMode", "simple")
                .config("spark.sql.session.timeZone", "UTC")
                .config("spark.sql.datetime.java8API.enabled", "true")
                // Compiling each of thousands of tiny plans would take most of the time; AppendTest compiles.
                .config("spark.sql.codegen.wholeStage", "false")
                .config("spark.sql.codegen.factoryMode", "NO_CODEGEN")
                .config("spark.sql.warehouse.dir", temporaryDirectory("session").toString())
                .config("spark.sql.extensions", (HAS_DELTA ? "io.delta.sql.DeltaSparkSessionExtension," : "") + SluiceExtensions.class.getName())
                .config("spark.sql.catalog.spark_catalog",
                    HAS_DELTA ? "org.apache.spark.sql.delta.catalog.DeltaCatalog" : SluiceSessionCatalog.class.getName())
                .config("spark.sql.catalog.lake", SluiceCatalog.class.getName())
                .config("spark.sql.catalog.lake.warehouse", temporaryDirectory("lake").toString());
            String metastore = System.getProperty("sluice.test.metastore");
            return (metastore == null ? builder : withMetastore(builder, Path.of(metastore))).getOrCreate();
        }

        /** The built-in catalog as a Hive metastore in embedded Derby, which one JVM at a time can open. */
        private static SparkSession.Builder withMetastore(SparkSession.Builder builder, Path directory) {
            System.setProperty("derby.system.home", directory.toString());
            return builder.enableHiveSupport()
                // The other way round: each must find its own statements in either order.
                .config("spark.sql.extensions", SluiceExtensions.class.getName() + ",io.delta.sql.DeltaSparkSessionExtension")
                .config("spark.sql.warehouse.dir", directory.resolve("warehouse").toString())
                .config("spark.hadoop.hive.exec.scratchdir", directory.resolve("scratch").toString())
                .config("spark.hadoop.javax.jdo.option.ConnectionURL",
                    "jdbc:derby:;databaseName=" + directory.resolve("derby") + ";create=true");
        }

        static {
            SPARK.sparkContext().setLogLevel("ERROR");
        }
    }

    public static SparkSession spark() {
        return Holder.SPARK;
    }

    /** The root of catalog `lake`: table `lake.db.t` lies at `db/t` below. */
    public static Path warehouse() {
        return Holder.WAREHOUSE;
    }

    public static Dataset<Row> sql(String statement) {
        return spark().sql(statement);
    }

    /** A name that no other test of this JVM uses. */
    public static String freshName(String prefix) {
        return prefix + "_" + NAMES.incrementAndGet();
    }

    /** A directory that does not exist yet, for a path table. */
    public static Path freshPath(String prefix) {
        return warehouse().resolve("paths").resolve(freshName(prefix));
    }

    /** The SQL name by which our catalog knows a path table. */
    public static String byPath(Path table) {
        return "lake.delta.`" + table + "`";
    }

    /** The table as delta-spark sees it now, or where there is none, as Spark's own Parquet reader sees the files that the log names. */
    public static Dataset<Row> delta(Path table) {
        return HAS_DELTA ? spark().read().format("delta").load(table.toString()) : LogReplay.of(table).read(spark());
    }

    public static List<Row> history(Path table) {
        List<Row> commits = new ArrayList<>(sql("DESCRIBE HISTORY delta.`" + table + "`").collectAsList());
        commits.sort(Comparator.comparing(commit -> commit.<Long>getAs("version")));
        return commits;
    }

    /** How many versions the table has, as long as its log is whole. */
    public static int versions(Path table) {
        try (var log = Files.list(table.resolve("_delta_log"))) {
            return (int) log.filter(file -> file.getFileName().toString().matches("\\d{20}\\.json")).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A directory that goes away with the JVM. */
    public static Path temporaryDirectory(String prefix) {
        try {
            var directory = Files.createTempDirectory("sluice-" + prefix).toRealPath();
            Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(directory)));
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static void delete(Path directory) {
        try (var files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
