package io.sluice.spark.table;

import java.util.Map;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.catalog.SupportsPartitionManagement;

/** Partitions that can be listed and not changed: a Delta table has those that its rows lie in. */
interface ListedPartitions extends SupportsPartitionManagement {
  @Override
  default void createPartition(InternalRow values, Map<String, String> properties) {
    throw refused("add a partition to", "Append rows with its values");
  }

  @Override
  default boolean dropPartition(InternalRow values) {
    throw refused("drop a partition of", "Delete its rows: DELETE FROM " + name() + " WHERE …");
  }

  @Override
  default boolean purgePartition(InternalRow values) {
    return dropPartition(values);
  }

  @Override
  default boolean truncatePartition(InternalRow values) {
    throw refused("truncate a partition of", "Delete its rows: DELETE FROM " + name() + " WHERE …");
  }

  @Override
  default boolean renamePartition(InternalRow from, InternalRow to) {
    throw refused("rename a partition of", "Update its rows: UPDATE " + name() + " SET … WHERE …");
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

  private UnsupportedOperationException refused(String what, String advice) {
    return Unsupported.operation(what + " " + name(), "a Delta table has the partitions its rows lie in. " + advice);
  }
}
