package io.sluice.spark.columnar;

import io.sluice.spark.InvalidInputException;
import io.sluice.spark.SluiceRuntimeException;
import io.sluice.spark.UnsupportedTableException;
import io.sluice.spark.jni.PlainScan;
import io.sluice.spark.jni.message.StorageLocation;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.execution.FileSourceScanExec;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.datasources.FilePartition;
import org.apache.spark.sql.execution.datasources.FileScanRDD;
import org.apache.spark.sql.execution.datasources.HadoopFsRelation;
import org.apache.spark.sql.execution.datasources.PartitionedFile;
import org.apache.spark.sql.execution.datasources.parquet.ParquetFileFormat;
import org.apache.spark.sql.execution.metric.SQLMetric;
import org.apache.spark.sql.internal.SQLConf;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Spark's scans of Parquet files that native code can make in its place, so that the rows of a write need not enter the
 * JVM: bare scans, by rules that do not depend on the session. Which of the files are read so is decided by the footer of
 * each (native {@code scan/task/plain.rs}); the others Spark reads.
 */
final class PlainFiles {
  /** In a session's configuration; true unless set. */
  static final String ENABLED = "spark.sluice.columnar.nativeParquet.enabled";

  private static final Logger LOG = LoggerFactory.getLogger(PlainFiles.class);
  /** Options that say which files are read; all others say how, and are left to Spark. In lower case. */
  private static final Set<String> WHICH_FILES = Set.of("path", "paths", "basepath", "mergeschema", "recursivefilelookup",
      "pathglobfilter", "modifiedbefore", "modifiedafter", "serialization.format");
  /** Settings of Spark's reader, and with which values it does what native code does. */
  private static final Map<String, String> SETTINGS = Map.of(
      "spark.sql.files.ignoreCorruptFiles", "false",
      "spark.sql.files.ignoreMissingFiles", "false",
      "spark.sql.parquet.datetimeRebaseModeInRead", "corrected",
      "spark.sql.parquet.int96RebaseModeInRead", "corrected",
      "spark.sql.parquet.int96TimestampConversion", "false");
  private static final String ENCRYPTION = "parquet.crypto.factory.class";

  private PlainFiles() {}

  /** Whether Spark would read rows (of more than {@code spark.sql.codegen.maxFields} columns, say) where native code reads columns. */
  static boolean areScannedAsRows(SparkPlan plan) {
    return plan instanceof FileSourceScanExec scan && !scan.supportsColumnar() && isPlain(scan);
  }

  /**
   * The rows of a scan as {@link BatchRow}s, or as rows where Spark reads such; empty if the scan is Spark's alone.
   *
   * @param table where the rows go: what lies in the same store is reached in the same way
   * @param ordinals of the columns that are written
   * @param files counts those that are read natively
   */
  static Optional<RDD<InternalRow>> rows(SparkPlan plan, StorageLocation table, int[] ordinals, SQLMetric files) {
    try {
      if (!(plan instanceof FileSourceScanExec scan) || !isPlain(scan) || !(scan.inputRDD() instanceof FileScanRDD spark)) {
        return Optional.empty();
      }
      return storage(spark, table).flatMap(storage -> plan(scan, storage))
          .map(planned -> new PlainFilesRdd(spark, planned, ordinals, scan.longMetric("numOutputRows"), files));
    } catch (LinkageError otherSpark) {
      LOG.warn("Parquet files are not read natively with this version of Spark, but by Spark", otherSpark);
      return Optional.empty();
    }
  }

  private static boolean isPlain(FileSourceScanExec scan) {
    HadoopFsRelation relation = scan.relation();
    return relation.fileFormat().getClass().equals(ParquetFileFormat.class)
        && scan.subqueries().isEmpty()
        && areSettingsPlain(scan, relation)
        && areStored(scan.requiredSchema(), relation)
        && names(scan).equals(List.of(schema(scan).fieldNames()))
        && PlainTypes.areColumns(scan.requiredSchema())
        && PlainTypes.arePartitions(relation.partitionSchema());
  }

  private static boolean areSettingsPlain(FileSourceScanExec scan, HadoopFsRelation relation) {
    SQLConf conf = SQLConf.get();
    Predicate<Map.Entry<String, String>> isSet =
        setting -> setting.getValue().equalsIgnoreCase(conf.getConfString(setting.getKey()));
    return Boolean.parseBoolean(conf.getConfString(ENABLED, "true"))
        && SETTINGS.entrySet().stream().allMatch(isSet)
        && CollectionConverters.asJava(relation.options()).keySet().stream()
            .allMatch(option -> WHICH_FILES.contains(option.toLowerCase(Locale.ROOT)))
        && scan.session().sessionState().newHadoopConf().get(ENCRYPTION) == null;
  }

  /** What is read from files, then what their directories say: as Spark's scan has it, unless it has facts of the files, too. */
  private static StructType schema(FileSourceScanExec scan) {
    StructType partitions = scan.relation().partitionSchema();
    return new StructType(Stream.of(scan.requiredSchema(), partitions).flatMap(part -> Arrays.stream(part.fields()))
        .toArray(StructField[]::new));
  }

  /** Whether no column is made up by Spark's reader, as row numbers are. */
  private static boolean areStored(StructType wanted, HadoopFsRelation relation) {
    return List.of(relation.dataSchema().fieldNames()).containsAll(List.of(wanted.fieldNames()));
  }

  private static List<String> names(FileSourceScanExec scan) {
    return CollectionConverters.asJava(scan.output()).stream().map(Attribute::name).toList();
  }

  private static Optional<PlainFilesRdd.Planned> plan(FileSourceScanExec scan, StorageLocation storage) {
    StructType schema = schema(scan);
    StructType partitions = scan.relation().partitionSchema();
    String name = name(scan, storage);
    try {
      byte[] plan = new PlainScan(name, storage, schema.json(), List.of(partitions.fieldNames())).plan();
      return Optional.of(new PlainFilesRdd.Planned(plan, schema, partitions, scan.supportsColumnar()));
    } catch (SluiceRuntimeException | InvalidInputException | UnsupportedTableException other) {
      LOG.warn("The Parquet files of {} are read by Spark, as a native scan cannot be planned", name, other);
      return Optional.empty();
    }
  }

  /** What the user called the files: a table, or else the first of the paths. */
  private static String name(FileSourceScanExec scan, StorageLocation storage) {
    return scan.tableIdentifier().isDefined()
        ? scan.tableIdentifier().get().unquotedString()
        : CollectionConverters.asJava(scan.relation().location().rootPaths()).stream().findFirst().map(Path::toString)
            .orElse(storage.location());
  }

  /** Where all files are: on the local file system, or in the store of the table; empty if elsewhere. */
  private static Optional<StorageLocation> storage(FileScanRDD scan, StorageLocation table) {
    Optional<PartitionedFile> first = files(scan).findFirst();
    if (first.isEmpty()) {
      return Optional.empty();
    }
    String place = PlainFilesRdd.url(first.get());
    String store = store(place);
    boolean isLocal = store.equals("file://");
    boolean isReached = isLocal || store.equals(store(table.location()));
    return isReached && files(scan).allMatch(file -> store(PlainFilesRdd.url(file)).equals(store))
        ? Optional.of(new StorageLocation(place, isLocal ? Map.of() : table.storage()))
        : Optional.empty();
  }

  private static Stream<PartitionedFile> files(FileScanRDD scan) {
    return CollectionConverters.asJava(scan.filePartitions()).stream().map(FilePartition::files).flatMap(Arrays::stream);
  }

  /** Scheme and authority of a URL. */
  private static String store(String url) {
    int path = url.indexOf('/', url.indexOf("://") + "://".length());
    return path < 0 ? url : url.substring(0, path);
  }
}
