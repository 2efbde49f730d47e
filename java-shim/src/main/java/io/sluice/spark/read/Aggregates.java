package io.sluice.spark.read;

import io.sluice.spark.jni.Aggregated;
import io.sluice.spark.jni.NativeControl;
import io.sluice.spark.jni.ScanAggregate;
import io.sluice.spark.jni.ScanRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.connector.expressions.Expression;
import org.apache.spark.sql.connector.expressions.NamedReference;
import org.apache.spark.sql.connector.expressions.aggregate.AggregateFunc;
import org.apache.spark.sql.connector.expressions.aggregate.Aggregation;
import org.apache.spark.sql.connector.expressions.aggregate.Count;
import org.apache.spark.sql.connector.expressions.aggregate.CountStar;
import org.apache.spark.sql.connector.expressions.aggregate.Max;
import org.apache.spark.sql.connector.expressions.aggregate.Min;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StructType;

/** count, min and max of whole tables or partitions, answered from the log's statistics where these are exact. */
final class Aggregates {
  private Aggregates() {}

  /** The scan of one row that answers all of the aggregation, or nothing. */
  static Optional<AnsweredScan> answer(ScanRequest scan, StructType table, Aggregation aggregation) {
    if (aggregation.groupByExpressions().length > 0) {
      return Optional.empty();
    }
    List<ScanAggregate> wanted = new ArrayList<>();
    StructType schema = new StructType();
    for (AggregateFunc function : aggregation.aggregateExpressions()) {
      Optional<ScanAggregate> aggregate = aggregate(function);
      Optional<DataType> type = aggregate.flatMap(found -> type(found, table));
      if (type.isEmpty()) {
        return Optional.empty();
      }
      wanted.add(aggregate.get());
      schema = schema.add(function.toString(), type.get());
    }
    Aggregated answer = NativeControl.aggregate(scan, wanted);
    return answer.values() == null
        ? Optional.empty()
        : Optional.of(new AnsweredScan(scan.table().table(), answer.version(), schema, row(answer, schema)));
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

  private static InternalRow row(Aggregated answer, StructType schema) {
    Object[] values = new Object[answer.values().size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = value(answer.values().get(i), schema.fields()[i].dataType());
    }
    return new GenericInternalRow(values);
  }

  private static Object value(Long number, DataType type) {
    if (number == null) {
      return null;
    } else if (type instanceof IntegerType || type instanceof DateType) {
      return number.intValue();
    } else if (type instanceof ShortType) {
      return number.shortValue();
    } else if (type instanceof ByteType) {
      return number.byteValue();
    }
    return number;
  }
}
