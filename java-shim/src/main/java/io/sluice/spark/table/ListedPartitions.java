package io.sluice.spark.table;

import io.sluice.spark.write.Deletion;
import io.sluice.spark.write.WriteTarget;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.analysis.NoSuchPartitionException;
import org.apache.spark.sql.connector.catalog.SupportsAtomicPartitionManagement;
import org.apache.spark.sql.connector.expressions.Expression;
import org.apache.spark.sql.connector.expressions.Expressions;
import org.apache.spark.sql.connector.expressions.LiteralValue;
import org.apache.spark.sql.connector.expressions.filter.And;
import org.apache.spark.sql.connector.expressions.filter.Or;
import org.apache.spark.sql.connector.expressions.filter.Predicate;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;

/** Spark's view of partitions: a Delta table has those that its rows lie in. They go with their rows, in one commit. */
interface ListedPartitions extends SupportsAtomicPartitionManagement {
  /** @throws io.sluice.spark.SluiceException if the table must not be written */
  WriteTarget deletionTarget();

  @Override
  default void createPartitions(InternalRow[] values, Map<String, String>[] properties) {
    throw refused("add a partition to", "Append rows with its values");
  }

  /** @return whether all of them were there */
  @Override
  default boolean dropPartitions(InternalRow[] values) {
    if (!Arrays.stream(values).allMatch(this::partitionExists)) {
      return false;
    }
    deleteRows(values);
    return true;
  }

  @Override
  default boolean truncatePartitions(InternalRow[] values) throws NoSuchPartitionException {
    for (InternalRow missing : values) {
      if (!partitionExists(missing)) {
        throw new NoSuchPartitionException(name(), missing, partitionSchema());
      }
    }
    deleteRows(values);
    return true;
  }

  @Override
  default boolean truncatePartition(InternalRow values) throws NoSuchPartitionException {
    return truncatePartitions(new InternalRow[] {values});
  }

  @Override
  default void replacePartitionMetadata(InternalRow values, Map<String, String> properties) {
    throw refused("change the properties of a partition of", "Partitions have none");
  }

  /** Partitions have no properties of their own. */
  @Override
  default Map<String, String> loadPartitionMetadata(InternalRow values) {
    return Map.of();
  }

  private void deleteRows(InternalRow[] partitions) {
    Predicate rows = Arrays.stream(partitions).map(this::rowsOf).reduce(Or::new).orElseThrow();
    Deletion.where(deletionTarget(), new Predicate[] {rows}).commit();
  }

  private Predicate rowsOf(InternalRow partition) {
    return IntStream.range(0, partitionSchema().size())
        .mapToObj(i -> holds(partition, i))
        .reduce(And::new)
        .orElseThrow();
  }

  private Predicate holds(InternalRow partition, int ordinal) {
    StructField field = partitionSchema().apply(ordinal);
    DataType type = field.dataType();
    Expression column = Expressions.column("`" + field.name().replace("`", "``") + "`");
    return partition.isNullAt(ordinal)
        ? new Predicate("IS_NULL", new Expression[] {column})
        : new Predicate("=", new Expression[] {column, new LiteralValue<>(partition.get(ordinal, type), type)});
  }

  private UnsupportedOperationException refused(String what, String advice) {
    return Unsupported.operation(what + " " + name(), "a Delta table has the partitions its rows lie in. " + advice);
  }
}
