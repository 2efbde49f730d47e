package io.sluice.spark.metadata;

import io.sluice.spark.jni.message.MetadataRequest;
import io.sluice.spark.jni.message.ScanRequest;
import io.sluice.spark.read.FilterMessage;
import io.sluice.spark.read.ReadOptionRules;
import io.sluice.spark.read.ReadSettings;
import io.sluice.spark.read.ReadTarget;
import io.sluice.spark.read.StatementReads;
import io.sluice.spark.storage.StorageKeys;
import io.sluice.spark.types.DefaultCollation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.connector.expressions.Expression;
import org.apache.spark.sql.connector.expressions.Expressions;
import org.apache.spark.sql.connector.expressions.NamedReference;
import org.apache.spark.sql.connector.expressions.filter.Predicate;
import org.apache.spark.sql.connector.read.Scan;
import org.apache.spark.sql.connector.read.SupportsPushDownLimit;
import org.apache.spark.sql.connector.read.SupportsPushDownRequiredColumns;
import org.apache.spark.sql.connector.read.SupportsPushDownV2Filters;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/** Spark's {@code ScanBuilder}: takes columns, predicates on partition values, and limit. */
final class MetadataScanBuilder
    implements SupportsPushDownRequiredColumns, SupportsPushDownV2Filters, SupportsPushDownLimit {
  private static final String PARTITION = "partition";

  private final ReadTarget target;
  private final MetadataKind kind;
  private final CaseInsensitiveStringMap options;
  private final List<Predicate> pushed = new ArrayList<>();
  private final List<Map<String, Object>> filters = new ArrayList<>();
  private final List<Map<String, Object>> exactFilters = new ArrayList<>();
  private StructType schema;
  /** Spark also builds scans for their statistics alone, of which it prunes nothing. */
  private boolean isPruned;
  private Long limit;

  MetadataScanBuilder(ReadTarget target, MetadataKind kind, CaseInsensitiveStringMap options) {
    ReadOptionRules.check(target.table().table(), options);
    this.target = target;
    this.kind = kind;
    this.options = options;
    this.schema = kind.schema(target);
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
      Optional<Predicate> ofTable = ofPartition(predicate);
      Optional<Map<String, Object>> message = ofTable.flatMap(FilterMessage::of);
      boolean exact = message.isPresent() && FilterMessage.isExact(ofTable.get(), partitionColumns);
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

  /** The predicate on the table's partition columns, if it is on nothing else. */
  private Optional<Predicate> ofPartition(Predicate predicate) {
    boolean isOfPartition = kind.isPartitioned() && predicate.references().length > 0
        && Arrays.stream(predicate.references()).map(NamedReference::fieldNames)
            .allMatch(names -> names.length == 2 && names[0].equals(PARTITION));
    return isOfPartition ? Optional.of((Predicate) ofTable(predicate)) : Optional.empty();
  }

  private static Expression ofTable(Expression expression) {
    if (expression instanceof NamedReference column) {
      return Expressions.column("`" + column.fieldNames()[1].replace("`", "``") + "`");
    } else if (expression instanceof Predicate predicate) {
      Expression[] children = Arrays.stream(predicate.children()).map(MetadataScanBuilder::ofTable).toArray(Expression[]::new);
      return new Predicate(predicate.name(), children);
    }
    return expression;
  }

  @Override
  public Predicate[] pushedPredicates() {
    return pushed.toArray(Predicate[]::new);
  }

  /** Spark pushes a limit only if it evaluates no predicate of its own. */
  @Override
  public boolean pushLimit(int rows) {
    this.limit = (long) rows;
    return true;
  }

  /** Whole batches are read, so Spark has to cut the rest off. */
  @Override
  public boolean isPartiallyPushed() {
    return true;
  }

  @Override
  public Scan build() {
    ScanRequest request = request();
    MetadataScan scan = new MetadataScan(target, kind, new MetadataRequest(kind.title(), request), schema, pushed);
    if (isPruned) {
      StatementReads.note(target, request, scan.version());
    }
    return scan;
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
