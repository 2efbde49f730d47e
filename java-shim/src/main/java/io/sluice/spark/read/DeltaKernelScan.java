package io.sluice.spark.read;

import io.sluice.spark.jni.PlannedScan;
import io.sluice.spark.jni.message.ScanRequest;
import io.sluice.spark.jni.message.ScanSummary;
import io.sluice.spark.session.SessionConf;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.apache.spark.sql.connector.expressions.Expression;
import org.apache.spark.sql.connector.expressions.Expressions;
import org.apache.spark.sql.connector.expressions.NamedReference;
import org.apache.spark.sql.connector.expressions.filter.Predicate;
import org.apache.spark.sql.connector.metric.CustomMetric;
import org.apache.spark.sql.connector.read.Batch;
import org.apache.spark.sql.connector.read.Statistics;
import org.apache.spark.sql.connector.read.SupportsReportPartitioning;
import org.apache.spark.sql.connector.read.SupportsReportStatistics;
import org.apache.spark.sql.connector.read.SupportsRuntimeV2Filtering;
import org.apache.spark.sql.connector.read.partitioning.KeyGroupedPartitioning;
import org.apache.spark.sql.connector.read.partitioning.Partitioning;
import org.apache.spark.sql.connector.read.partitioning.UnknownPartitioning;
import org.apache.spark.sql.types.StructType;

/** Spark's {@code Scan}: one version of a table, planned once, and again when runtime filters come in. */
public final class DeltaKernelScan
    implements SupportsReportStatistics, SupportsReportPartitioning, SupportsRuntimeV2Filtering {
  /**
   * Must be set by the user: it is on by default in some versions of Spark, which then reads all files of a partition
   * value in one task, whether or not the query gains by it.
   */
  private static final String GROUPED = "spark.sql.sources.v2.bucketing.enabled";
  /**
   * Where it is on, Spark takes partitions of several keys for those of each of the keys, in windows and aggregations
   * too, which then see a part of their rows.
   */
  private static final String SUBSETS = "spark.sql.sources.v2.bucketing.allowJoinKeysSubsetOfPartitionKeys.enabled";
  /** Whether unions keep a partitioning; on unless set otherwise. */
  private static final String UNIONS = "spark.sql.unionOutputPartitioning";

  private final ReadTarget target;
  private final ScanRequest request;
  private final StructType schema;
  /** The same as values are read. */
  private final StructType types;
  /** Partition columns of which each input partition has one value; none unless the user wants that. */
  private final StructType keys;

  private final List<Predicate> pushed;
  private final List<Predicate> runtime = new ArrayList<>();
  private PlannedScan planned;
  private boolean isBegun;

  DeltaKernelScan(ReadTarget target, ScanRequest request, StructType schema, StructType types, List<Predicate> pushed) {
    this.target = target;
    this.request = request;
    this.schema = schema;
    this.types = types;
    this.keys = keys(schema, target.partitionColumns());
    this.pushed = List.copyOf(pushed);
    this.planned = PlannedScan.of(request);
  }

  private static StructType keys(StructType schema, List<String> partitionColumns) {
    boolean isGrouped = Boolean.parseBoolean(SessionConf.get(GROUPED));
    StructType keys = isGrouped ? PartitionValues.keys(schema, partitionColumns) : new StructType();
    return keys.size() > 1 && Boolean.parseBoolean(SessionConf.get(SUBSETS)) ? new StructType() : keys;
  }

  @Override
  public StructType readSchema() {
    return schema;
  }

  @Override
  public String description() {
    return target.table().table() + " at version " + planned.summary().version() + " ("
        + planned.summary().files() + " files), filters: "
        + pushed.stream().map(Predicate::toString).collect(Collectors.joining(", ", "[", "]"));
  }

  @Override
  public Batch toBatch() {
    return new DeltaKernelBatch(this);
  }

  /**
   * All readers can give batches, so Spark need not plan partitions to find out. But from Spark 4.1 on, a union keeps the
   * partitioning of its inputs in its plan, and of columnar ones not in its partitions: rows are right there.
   */
  @Override
  public ColumnarSupportMode columnarSupportMode() {
    boolean isKeptByUnions = !"false".equalsIgnoreCase(SessionConf.get(UNIONS));
    return keys.isEmpty() || !isKeptByUnions ? ColumnarSupportMode.SUPPORTED : ColumnarSupportMode.UNSUPPORTED;
  }

  /** Bytes in proportion to the columns read, as Spark estimates its own file scans. */
  @Override
  public Statistics estimateStatistics() {
    ScanSummary summary = planned.summary();
    double share = (double) schema.defaultSize() / Math.max(1, target.schema().defaultSize());
    long bytes = (long) (summary.bytes() * Math.min(1, share));
    return new ScanStatistics(
        OptionalLong.of(bytes), summary.rows() == null ? OptionalLong.empty() : OptionalLong.of(summary.rows()));
  }

  /** Partition columns skip whole files for sure; others may by their bounds. */
  @Override
  public NamedReference[] filterAttributes() {
    return Arrays.stream(schema.fieldNames())
        .filter(target.partitionColumns()::contains)
        .map(name -> Expressions.column(quoted(name)))
        .toArray(NamedReference[]::new);
  }

  private static String quoted(String name) {
    return "`" + name.replace("`", "``") + "`";
  }

  /** By the values of partition columns (Spark, "Storage Partition Join"). */
  @Override
  public Partitioning outputPartitioning() {
    if (keys.isEmpty()) {
      return new UnknownPartitioning(0);
    }
    Expression[] columns = Arrays.stream(keys.fieldNames())
        .map(name -> Expressions.identity(quoted(name)))
        .toArray(Expression[]::new);
    return new KeyGroupedPartitioning(columns, toBatch().planInputPartitions().length);
  }

  /** What only saves work comes too late for a scan that has given its files numbers, by which rows are named. */
  @Override
  public void filter(Predicate[] predicates) {
    if (isBegun && RowIds.areIn(schema)) {
      return;
    }
    List<Map<String, Object>> all = new ArrayList<>(request.filters());
    for (Predicate predicate : predicates) {
      FilterMessage.of(predicate).ifPresent(message -> {
        runtime.add(predicate);
        all.add(message);
      });
    }
    planned = PlannedScan.of(new ScanRequest(request.table(), planned.summary().version(), request.schema(), all,
        request.exactFilters(), request.limit(), request.session()));
  }

  @Override
  public CustomMetric[] supportedCustomMetrics() {
    return new CustomMetric[] {new BytesFetched()};
  }

  public ScanRequest request() {
    return request;
  }

  /** As of now: runtime filters that are yet to come make it another one. */
  public PlannedScan planned() {
    return planned;
  }

  /** What tasks are to read. */
  PlannedScan begun() {
    isBegun = true;
    return planned;
  }

  /** What makes two scans return the same rows, so that Spark can reuse one for the other. */
  List<Object> identity() {
    return List.of(target.identity(), planned.summary().version(), types, request.filters(), request.exactFilters(),
        request.limit() == null ? -1L : request.limit(), request.session(), runtime, keys);
  }

  StructType keys() {
    return keys;
  }

  StructType types() {
    return types;
  }

  private record ScanStatistics(OptionalLong sizeInBytes, OptionalLong numRows) implements Statistics {}
}
