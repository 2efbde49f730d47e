package io.sluice.spark.metadata;

import io.sluice.spark.error.Unsupported;
import io.sluice.spark.table.SparkTable;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import org.apache.spark.sql.connector.catalog.SupportsRead;
import org.apache.spark.sql.connector.catalog.SupportsWrite;
import org.apache.spark.sql.connector.catalog.TableCapability;
import org.apache.spark.sql.connector.read.ScanBuilder;
import org.apache.spark.sql.connector.write.LogicalWriteInfo;
import org.apache.spark.sql.connector.write.WriteBuilder;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/**
 * Spark's {@code Table} of what a table's log says: {@code lake.db.t.files}. It is read at the version at which the table
 * itself is, and takes writes only to refuse them in words of its own.
 */
final class MetadataTable implements SupportsRead, SupportsWrite {
  private static final Set<TableCapability> CAPABILITIES = Collections.unmodifiableSet(EnumSet.of(
      TableCapability.BATCH_READ,
      TableCapability.BATCH_WRITE,
      TableCapability.TRUNCATE,
      TableCapability.OVERWRITE_BY_FILTER,
      TableCapability.OVERWRITE_DYNAMIC,
      TableCapability.ACCEPT_ANY_SCHEMA));

  private final SparkTable table;
  private final MetadataKind kind;

  MetadataTable(SparkTable table, MetadataKind kind) {
    this.table = table;
    this.kind = kind;
  }

  @Override
  public String name() {
    return table.name() + "." + kind.title();
  }

  /** See {@link SparkTable#id}. */
  @Override
  public String id() {
    return table.id();
  }

  /** See {@link SparkTable#version}. */
  @Override
  public String version() {
    return table.version();
  }

  /** Spark derives the columns from it, each version with its own helper, hence this deprecated method. */
  @Override
  @SuppressWarnings("deprecation")
  public StructType schema() {
    return kind.schema(table.readTarget());
  }

  @Override
  public Set<TableCapability> capabilities() {
    return CAPABILITIES;
  }

  @Override
  public ScanBuilder newScanBuilder(CaseInsensitiveStringMap options) {
    return new MetadataScanBuilder(table.readTarget(), kind, options);
  }

  @Override
  public WriteBuilder newWriteBuilder(LogicalWriteInfo info) {
    throw refused("write to", name(), table.name());
  }

  static UnsupportedOperationException refused(String what, String name, String table) {
    return Unsupported.operation(what + " " + name, "it is a metadata table, and shows what the log of " + table
        + " says. Change that table instead");
  }

  /** Spark refreshes cached plans of equal tables. */
  @Override
  public boolean equals(Object other) {
    return other instanceof MetadataTable metadata && kind == metadata.kind && table.equals(metadata.table);
  }

  @Override
  public int hashCode() {
    return 31 * table.hashCode() + kind.hashCode();
  }

  @Override
  public String toString() {
    return name();
  }
}
