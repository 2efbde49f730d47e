package io.sluice.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.analysis.NoSuchTableException;

/** Appends a data set twice to a Delta table through Sluice, then shows the table as delta-spark sees it. */
public final class AppendJob {
    private final SparkSession spark;
    private final Options options;
    private final Progress progress = new Progress(System.out);

    private AppendJob(SparkSession spark, Options options) {
        this.spark = spark;
        this.options = options;
        spark.sparkContext().addSparkListener(progress);
    }

    public static void main(String[] args) throws Exception {
        Options options = Options.parse(args);
        if (options.table() == null) {
            deleteTree(Path.of(options.location()));    // the table of an earlier run
        }
        try (SparkSession spark = session(options)) {
            new AppendJob(spark, options).run();
        }
    }

    private static SparkSession session(Options options) {
        return SparkSession.builder()
            .master("local[*]")
            .appName("sluice run")
            .config("spark.sql.catalog.lake", "io.sluice.spark.SluiceCatalog")
            .config("spark.sql.catalog.lake.warehouse", options.work().toString())
            // delta-spark, to read back what was written. Its defaults (50 tasks to replay a log) are for larger tables.
            .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
            .config("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
            .config("spark.databricks.delta.snapshotPartitions", "2")
            .config("spark.sql.shuffle.partitions", "2")
            .config("spark.ui.enabled", "false")
            .config("spark.ui.showConsoleProgress", "false")
            .getOrCreate();
    }

    private void run() {
        say("%nSluice on Spark %s%n", spark.version());
        say("  input    %s", options.input());
        say("  table    %s", options.tableName());
        say("  stored   %s%n", options.location());

        Dataset<Row> data = options.read(spark);
        if (spark.catalog().tableExists(options.tableName())) {
            say("  The table is there already: its rows stay, new ones come after them.");
        } else {
            step("created, %d columns".formatted(data.columns().length), () -> spark.sql(createStatement(data)));
        }
        for (String what : new String[] {"appended", "appended once more"}) {
            step(what, () -> append(data));
        }
        new Report(spark, options.location(), System.out).print();
    }

    private String createStatement(Dataset<Row> data) {
        String partitioning = options.partitionBy() == null ? "" : " PARTITIONED BY (`" + options.partitionBy() + "`)";
        return "CREATE TABLE " + options.tableName() + " (" + data.schema().toDDL() + ") USING delta" + partitioning;
    }

    private void append(Dataset<Row> data) {
        try {
            data.writeTo(options.tableName()).append();
        } catch (NoSuchTableException e) {
            throw new IllegalStateException("Cannot append: the table went away while the job ran.", e);
        }
    }

    private void step(String what, Runnable work) {
        long start = System.nanoTime();
        progress.begin();
        try {
            work.run();
        } finally {
            progress.end();
        }
        say("  %-28s %8.2f s", what, (System.nanoTime() - start) / 1e9);
    }

    private static void say(String format, Object... values) {
        System.out.printf(format + "%n", values);
    }

    private static void deleteTree(Path root) {
        if (!Files.exists(root)) {
            return;
        }
        try (var paths = Files.walk(root)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
