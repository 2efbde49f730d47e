package io.sluice.spark.read;

import io.sluice.spark.jni.message.ScanRequest;
import io.sluice.spark.storage.StorageKeys;
import io.sluice.spark.types.DefaultCollation;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.connector.expressions.aggregate.Aggregation;
import org.apache.spark.sql.connector.expressions.filter.Predicate;
import org.apache.spark.sql.connector.read.Scan;
import org.apache.spark.sql.connector.read.SupportsPushDownAggregates;
import org.apache.spark.sql.connector.read.SupportsPushDownLimit;
import org.apache.spark.sql.connector.read.SupportsPushDownRequiredColumns;
import org.apache.spark.sql.connector.read.SupportsPushDownV2Filters;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/**
 * Spark's {@code ScanBuilder}: takes columns, predicates, aggregates and limit. Predicates skip files and row groups; those that
 * partition values decide are decided here, all others Spark evaluates again.
 */
public class DeltaKernelScanBuilder
    implements SupportsPushDownRequiredColumns, SupportsPushDownV2Filters, SupportsPushDownAggregates,
        SupportsPushDownLimit {
  private final ReadTarget target;
  private final CaseInsensitiveStringMap options;
  private final CharColumns chars;
  private final List<Predicate> pushed = new ArrayList<>();
  private final List<Map<String, Object>> filters = new ArrayList<>();
  private final List<Map<String, Object>> exactFilters = new ArrayList<>();
  private StructType schema;
  /** Spark also builds scans for their statistics alone, of which it prunes nothing. */
  private boolean isPruned;
  private Long limit;
  private AnsweredScan answered;

  /** @throws io.sluice.spark.InvalidInputException for an option that asks for other rows than the table's */
  public DeltaKernelScanBuilder(ReadTarget target, CaseInsensitiveStringMap options) {
    this(target, options, target.schema());
  }

  /**
   * Of a scan above which Spark does not fill up the values of CHAR columns.
   *
   * @param columns of the table, with char as a type
   */
  protected DeltaKernelScanBuilder(ReadTarget target, CaseInsensitiveStringMap options, StructType columns) {
    ReadOptionRules.check(target.table().table(), options);
    this.target = target;
    this.options = options;
    this.schema = target.schema();
    this.chars = new CharColumns(columns);
  }

  @Override
  public void pruneColumns(StructType requiredSchema) {
    this.schema = requiredSchema;
    this.isPruned = true;
  }

  /** @return what Spark has to evaluate after the scan */
  @Override
  public Predicate[] pushPredicates(Predicate[] predicates) {
    Set<String> partitionColumns = new HashSet<>(target.partitionColumns());
    List<Predicate> left = new ArrayList<>();
    for (Predicate predicate : predicates) {
      Optional<Map<String, Object>> message = chars.concern(predicate) ? Optional.empty() : FilterMessage.of(predicate);
      boolean exact = message.isPresent() && FilterMessage.isExact(predicate, partitionColumns);
      message.ifPresent(found -> {
        pushed.add(predicate);
        (exact ? exactFilters : filters).add(found);
      });
      if (!exact) {
        left.add(predicate);
      }
    }
    return left.toArray(Predicate[]::new);
  }

  @Override
  public Predicate[] pushedPredicates() {
    return pushed.toArray(Predicate[]::new);
  }

  /** Either all of it or nothing: what the log answers, no task needs to add up. */
  @Override
  public boolean supportCompletePushDown(Aggregation aggregation) {
    answered = filters.isEmpty() ? Aggregates.answer(request(), target, aggregation).orElse(null) : null;
    return answered != null;
  }

  @Override
  public boolean pushAggregation(Aggregation aggregation) {
    return answered != null || supportCompletePushDown(aggregation);
  }

  /** Spark pushes a limit only if it evaluates no predicate of its own. */
  @Override
  public boolean pushLimit(int rows) {
    this.limit = (long) rows;
    return true;
  }

  /** Whole files are read, so Spark has to cut the rest off. */
  @Override
  public boolean isPartiallyPushed() {
    return true;
  }

  @Override
  public Scan build() {
    if (answered != null) {
      return answered;
    }
    DeltaKernelScan scan = new DeltaKernelScan(target, request(), schema, chars.in(schema), pushed);
    if (isPruned) {
      note(scan);
    }
    return scan;
  }

  /** Has the statement's writes, and its other scans, know of a scan. */
  protected void note(DeltaKernelScan scan) {
    StatementReads.note(target, scan.request(), scan.planned().summary().version());
  }

  private ScanRequest request() {
    return new ScanRequest(
        target.table().withStorage(StorageKeys.of(options.asCaseSensitiveMap())),
        target.version() != null ? target.version() : StatementReads.versionOf(target),
        DefaultCollation.stored(schema).json(),
        filters,
        exactFilters,
        limit,
        ReadSettings.of(options));
  }
}
