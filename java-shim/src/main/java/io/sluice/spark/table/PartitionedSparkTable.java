package io.sluice.spark.table;

import io.sluice.spark.UnsupportedTableException;
import io.sluice.spark.error.Unsupported;
import io.sluice.spark.read.Partitions;
import io.sluice.spark.write.WriteTarget;
import java.util.Arrays;
import java.util.List;
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
import org.apache.spark.sql.types.StructType;

/**
 * A table with partition columns, and Spark's {@code SupportsAtomicPartitionManagement}: a Delta table has the partitions that
 * its rows lie in. They go with their rows, in one commit.
 */
public final class PartitionedSparkTable extends SparkTable implements SupportsAtomicPartitionManagement {
  PartitionedSparkTable(String name, Identity identity, TableShape shape, WriteTarget target, Long pinned) {
    super(name, identity, shape, target, pinned);
  }

  @Override
  public StructType partitionSchema() {
    return Partitions.schema(readTarget());
  }

  @Override
  public InternalRow[] listPartitionIdentifiers(String[] names, InternalRow values) {
    return Partitions.list(readTarget(), names, values);
  }

  @Override
  public void createPartitions(InternalRow[] values, Map<String, String>[] properties) {
    throw refused("add a partition to", "Append rows with its values");
  }

  /** @return whether all of them were there */
  @Override
  public boolean dropPartitions(InternalRow[] values) {
    if (!Arrays.stream(values).allMatch(this::partitionExists)) {
      return false;
    }
    return deleteRows(values);
  }

  @Override
  public boolean truncatePartitions(InternalRow[] values) throws NoSuchPartitionException {
    for (InternalRow missing : values) {
      if (!partitionExists(missing)) {
        throw new NoSuchPartitionException(name(), missing, partitionSchema());
      }
    }
    return deleteRows(values);
  }

  @Override
  public boolean truncatePartition(InternalRow values) throws NoSuchPartitionException {
    return truncatePartitions(new InternalRow[] {values});
  }

  @Override
  public boolean renamePartition(InternalRow from, InternalRow to) {
    throw refused("rename a partition of", "Write its rows anew with the other value, then drop it");
  }

  @Override
  public void replacePartitionMetadata(InternalRow values, Map<String, String> properties) {
    throw refused("change the properties of a partition of", "Partitions have none");
  }

  /** Partitions have no properties of their own. */
  @Override
  public Map<String, String> loadPartitionMetadata(InternalRow values) {
    return Map.of();
  }

  /** @return whether there were any to delete */
  private boolean deleteRows(InternalRow[] partitions) {
    if (partitions.length == 0) {
      return false;
    }
    Predicate rows = anyOf(Arrays.stream(partitions).map(this::rowsOf).toList());
    deleteWhere(new Predicate[] {rows});
    return true;
  }

  /** In a tree no deeper than it must be. */
  private static Predicate anyOf(List<Predicate> predicates) {
    int half = predicates.size() / 2;
    return half == 0
        ? predicates.get(0)
        : new Or(anyOf(predicates.subList(0, half)), anyOf(predicates.subList(half, predicates.size())));
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

  private UnsupportedTableException refused(String what, String advice) {
    return Unsupported.operation(what + " " + name(), "a Delta table has the partitions its rows lie in. " + advice);
  }
}
