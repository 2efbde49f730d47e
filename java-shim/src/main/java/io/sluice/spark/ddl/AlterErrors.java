package io.sluice.spark.ddl;

import io.sluice.spark.RejectedChangeException;
import io.sluice.spark.SluiceThrowable;
import io.sluice.spark.constraints.CheckConstraints;
import io.sluice.spark.table.SparkTable;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.SparkIllegalArgumentException;
import org.apache.spark.SparkThrowableHelper$;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.catalyst.util.QuotingUtils;
import org.apache.spark.sql.connector.catalog.TableChange;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import scala.Option;
import scala.jdk.javaapi.CollectionConverters;

/** Refused changes of a table, in the exceptions that Spark's own catalogs throw for them (Spark, {@code CatalogV2Util}). */
public final class AlterErrors {
  private final Exception refusal;
  private final TableChange[] changes;

  private AlterErrors(Exception refusal, TableChange... changes) {
    this.refusal = refusal;
    this.changes = changes;
  }

  /**
   * @param now the table as it is, asked for where the exception says what there is
   * @return what to throw, with the refusal as its cause; checked exceptions of Spark's among it
   */
  public static <E extends Exception & SluiceThrowable> Exception of(
      E refusal, Supplier<SparkTable> now, TableChange... changes) {
    AlterErrors errors = new AlterErrors(refusal, changes);
    Optional<? extends Exception> sparks = switch (refusal.getCondition()) {
      case "DELTA_CONSTRAINT_ALREADY_EXISTS" -> errors.takenConstraint(now.get());
      case "DELTA_CONSTRAINT_DOES_NOT_EXIST" -> errors.missingConstraint(now.get());
      case "DELTA_COLUMN_NOT_FOUND_IN_SCHEMA" -> errors.missingField(now.get());
      default -> Optional.empty();
    };
    return sparks.isPresent() ? sparks.get() : new RejectedChangeException(refusal.getCondition(), refusal.getMessage(), refusal);
  }

  private Optional<AnalysisException> takenConstraint(SparkTable table) {
    Map<String, String> there = CheckConstraints.of(table.properties());
    return constraints()
        .filter(ConstraintChange.Add.class::isInstance)
        .flatMap(added -> there.entrySet().stream().filter(one -> one.getKey().equalsIgnoreCase(added.name())))
        .findFirst()
        .flatMap(taken -> analysis("CONSTRAINT_ALREADY_EXISTS", Map.of("constraintName", taken.getKey(),
            "oldConstraint", "CONSTRAINT " + taken.getKey() + " CHECK (" + taken.getValue() + ") ENFORCED NORELY")));
  }

  private Optional<AnalysisException> missingConstraint(SparkTable table) {
    Map<String, String> there = CheckConstraints.of(table.properties());
    return constraints()
        .filter(change -> change instanceof ConstraintChange.Drop drop && !drop.ifExists())
        .filter(dropped -> there.keySet().stream().noneMatch(dropped.name()::equalsIgnoreCase))
        .findFirst()
        .flatMap(dropped -> analysis("CONSTRAINT_DOES_NOT_EXIST",
            Map.of("constraintName", dropped.name(), "tableName", table.name())));
  }

  private Stream<ConstraintChange> constraints() {
    return Arrays.stream(changes).flatMap(change -> ConstraintChange.of(change).stream());
  }

  /** Spark has no such condition before 4.1. */
  private Optional<AnalysisException> analysis(String condition, Map<String, String> parameters) {
    return SparkThrowableHelper$.MODULE$.isValidErrorClass(condition)
        ? Optional.of(new AnalysisException(condition, scala(parameters), Option.apply(refusal)))
        : Optional.empty();
  }

  @SuppressWarnings("deprecation")
  private Optional<? extends Exception> missingField(SparkTable table) {
    StructType schema = table.schema();
    Optional<AnalysisException> clusteredBy = Arrays.stream(changes)
        .filter(TableChange.ClusterBy.class::isInstance)
        .flatMap(change -> Arrays.stream(((TableChange.ClusterBy) change).clusteringColumns()))
        .flatMap(column -> missingPart(schema, List.of(column.fieldNames())).stream())
        .findFirst()
        .flatMap(name -> analysis("_LEGACY_ERROR_TEMP_3060", Map.of("i", name, "schema", schema.treeString())));
    return clusteredBy.isPresent() ? clusteredBy : missingField(schema);
  }

  private Optional<SparkIllegalArgumentException> missingField(StructType schema) {
    return Arrays.stream(changes)
        .filter(TableChange.ColumnChange.class::isInstance)
        .map(TableChange.ColumnChange.class::cast)
        .flatMap(change -> missing(schema, existing(change)).stream())
        .findFirst();
  }

  /** What must be there for a change: the column, or what a new one is to be in. */
  private static List<String> existing(TableChange.ColumnChange change) {
    List<String> path = List.of(change.fieldNames());
    return change instanceof TableChange.AddColumn ? path.subList(0, path.size() - 1) : path;
  }

  private Optional<SparkIllegalArgumentException> missing(StructType fields, List<String> path) {
    if (path.isEmpty()) {
      return Optional.empty();
    }
    Optional<StructField> field = field(fields, path.get(0));
    if (field.isEmpty()) {
      String there = Arrays.stream(fields.fieldNames()).map(QuotingUtils::quoteIdentifier).collect(Collectors.joining(", "));
      Map<String, String> parameters = Map.of("fieldName", QuotingUtils.quoteIdentifier(path.get(0)), "fields", there);
      return Optional.of(new SparkIllegalArgumentException("FIELD_NOT_FOUND", scala(parameters), refusal));
    }
    return field.get().dataType() instanceof StructType inner
        ? missing(inner, path.subList(1, path.size()))
        : Optional.empty();
  }

  /** The first name of the path that is no field's. */
  private static Optional<String> missingPart(StructType fields, List<String> path) {
    Optional<StructField> field = field(fields, path.get(0));
    if (field.isEmpty()) {
      return Optional.of(path.get(0));
    }
    return path.size() > 1 && field.get().dataType() instanceof StructType inner
        ? missingPart(inner, path.subList(1, path.size()))
        : Optional.empty();
  }

  private static Optional<StructField> field(StructType fields, String name) {
    return Arrays.stream(fields.fields()).filter(one -> one.name().equalsIgnoreCase(name)).findFirst();
  }

  private static scala.collection.immutable.Map<String, String> scala(Map<String, String> parameters) {
    return scala.collection.immutable.Map.from(CollectionConverters.asScala(parameters));
  }
}
