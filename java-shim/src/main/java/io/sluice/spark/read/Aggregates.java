package io.sluice.spark.read;

import io.sluice.spark.jni.NativeControl;
import io.sluice.spark.jni.message.Aggregated;
import io.sluice.spark.jni.message.ScanAggregate;
import io.sluice.spark.jni.message.ScanRequest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.expressions.Expression;
import org.apache.spark.sql.connector.expressions.NamedReference;
import org.apache.spark.sql.connector.expressions.aggregate.AggregateFunc;
import org.apache.spark.sql.connector.expressions.aggregate.Aggregation;
import org.apache.spark.sql.connector.expressions.aggregate.Count;
import org.apache.spark.sql.connector.expressions.aggregate.CountStar;
import org.apache.spark.sql.connector.expressions.aggregate.Max;
import org.apache.spark.sql.connector.expressions.aggregate.Min;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** count, min and max of whole tables or by partition, answered from the log's statistics where these are exact. */
final class Aggregates {
  private Aggregates() {}

  /** The scan of the rows that answer all of the aggregation, groups before aggregates; or nothing. */
  static Optional<AnsweredScan> answer(ScanRequest scan, ReadTarget target, Aggregation aggregation) {
    Optional<StructType> groups = groups(target, aggregation.groupByExpressions());
    if (groups.isEmpty()) {
      return Optional.empty();
    }
    List<ScanAggregate> wanted = new ArrayList<>();
    StructType schema = groups.get();
    for (AggregateFunc function : aggregation.aggregateExpressions()) {
      Optional<ScanAggregate> aggregate = aggregate(function);
      Optional<DataType> type = aggregate.flatMap(found -> type(found, target.schema()));
      if (type.isEmpty()) {
        return Optional.empty();
      }
      wanted.add(aggregate.get());
      schema = schema.add(function.toString(), type.get());
    }
    Aggregated answer = NativeControl.aggregate(scan, wanted, List.of(groups.get().fieldNames()));
    StatementReads.note(target, scan, answer.version());
    return answer.rows() == null
        ? Optional.empty()
        : Optional.of(new AnsweredScan(scan.table().table(), answer.version(), schema, rows(answer, schema)));
  }

  /** The partition columns that rows are grouped by; nothing if there is anything else among them. */
  private static Optional<StructType> groups(ReadTarget target, Expression[] expressions) {
    List<Optional<String>> names = Arrays.stream(expressions).map(Aggregates::column).toList();
    StructType keys = PartitionValues.keys(target.schema(), target.partitionColumns());
    StructType groups = new StructType();
    for (Optional<String> name : names) {
      if (name.isEmpty() || keys.getFieldIndex(name.get()).isEmpty()) {
        return Optional.empty();
      }
      groups = groups.add(keys.apply(name.get()));
    }
    return Optional.of(groups);
  }

  private static Optional<ScanAggregate> aggregate(AggregateFunc function) {
    if (function instanceof CountStar) {
      return Optional.of(new ScanAggregate.CountRows());
    } else if (function instanceof Count count && !count.isDistinct()) {
      return column(count.column()).map(ScanAggregate.Count::new);
    } else if (function instanceof Min min) {
      return column(min.column()).map(ScanAggregate.Min::new);
    } else if (function instanceof Max max) {
      return column(max.column()).map(ScanAggregate.Max::new);
    }
    return Optional.empty();
  }

  private static Optional<String> column(Expression expression) {
    return expression instanceof NamedReference column && column.fieldNames().length == 1
        ? Optional.of(column.fieldNames()[0])
        : Optional.empty();
  }

  private static Optional<DataType> type(ScanAggregate aggregate, StructType table) {
    if (aggregate instanceof ScanAggregate.Min min) {
      return type(min.column(), table);
    } else if (aggregate instanceof ScanAggregate.Max max) {
      return type(max.column(), table);
    }
    return Optional.of(DataTypes.LongType);
  }

  private static Optional<DataType> type(String column, StructType table) {
    return table.getFieldIndex(column).isDefined() ? Optional.of(table.apply(column).dataType()) : Optional.empty();
  }

  private static List<InternalRow> rows(Aggregated answer, StructType schema) {
    return answer.rows().stream()
        .map(row -> {
          List<Object> values = new ArrayList<>(row.key());
          values.addAll(row.values());
          return PartitionValues.row(values, schema);
        })
        .toList();
  }
}
