package io.sluice.spark.table;

import io.sluice.spark.InvalidInputException;
import io.sluice.spark.error.Unchecked;
import io.sluice.spark.jni.message.TableDescription;
import io.sluice.spark.jni.message.TableRef;
import io.sluice.spark.read.DeltaKernelScanBuilder;
import io.sluice.spark.read.ReadTarget;
import io.sluice.spark.rows.ChangeOperation;
import io.sluice.spark.storage.Location;
import io.sluice.spark.storage.Place;
import io.sluice.spark.types.DefaultCollation;
import io.sluice.spark.write.DeltaKernelWriteBuilder;
import io.sluice.spark.write.WriteTarget;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.spark.sql.connector.catalog.MetadataColumn;
import org.apache.spark.sql.connector.catalog.SupportsMetadataColumns;
import org.apache.spark.sql.connector.catalog.SupportsRead;
import org.apache.spark.sql.connector.catalog.SupportsRowLevelOperations;
import org.apache.spark.sql.connector.catalog.SupportsWrite;
import org.apache.spark.sql.connector.catalog.TableCapability;
import org.apache.spark.sql.connector.catalog.TableCatalog;
import org.apache.spark.sql.connector.expressions.Transform;
import org.apache.spark.sql.connector.read.ScanBuilder;
import org.apache.spark.sql.connector.write.LogicalWriteInfo;
import org.apache.spark.sql.connector.write.RowLevelOperationBuilder;
import org.apache.spark.sql.connector.write.RowLevelOperationInfo;
import org.apache.spark.sql.connector.write.WriteBuilder;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/**
 * Spark's {@code Table}: one version of a Delta table as Spark sees it. Reads and writes go to the newest version at
 * the time they start, not to the version shown.
 */
public class SparkTable
    implements SupportsRead, SupportsWrite, SupportsMetadataColumns, SupportsRowLevelOperations, Deletable, ConstrainedTable {
  private static final Set<TableCapability> CAPABILITIES = Collections.unmodifiableSet(EnumSet.of(
      TableCapability.BATCH_READ,
      TableCapability.BATCH_WRITE,
      TableCapability.TRUNCATE,
      TableCapability.OVERWRITE_BY_FILTER,
      TableCapability.OVERWRITE_DYNAMIC));

  private final String name;
  private final Identity identity;
  private final TableShape shape;
  private final WriteTarget target;
  /** Null for a table that moves on with its newest version. */
  private final Long pinned;

  /**
   * Which table it is, and as of when.
   *
   * @param key equal for tables that are the same one, whatever the version
   * @param id of the table as its log has it; null for one that is yet to be created
   * @param version shown, null likewise
   */
  record Identity(String key, String id, Long version) {
    static Identity of(Place place, TableDescription table) {
      return new Identity(place.location() + "#" + table.id(), table.id(), table.version());
    }

    static Identity pinned(Place place, TableDescription table) {
      return new Identity(place.location() + "#" + table.id() + "@" + table.version(), table.id(), table.version());
    }

    static Identity absent(Place place) {
      return new Identity(place.location().toString(), null, null);
    }
  }

  /** A table that is yet to be created. */
  protected SparkTable(Place place, TableShape shape, WriteTarget target) {
    this(place.name(), Identity.absent(place), shape, target, null);
  }

  SparkTable(String name, Identity identity, TableShape shape, WriteTarget target, Long pinned) {
    this.name = name;
    this.identity = identity;
    this.shape = shape;
    this.target = target;
    this.pinned = pinned;
  }

  public static SparkTable of(Place place, TableRef ref, TableDescription table) {
    return of(place, Identity.of(place, table), ref, table, null);
  }

  /** The table as it is at this version for good: it can be read and not written. */
  public static SparkTable pinned(Place place, TableRef ref, TableDescription table) {
    return of(place, Identity.pinned(place, table), ref, table, table.version());
  }

  private static SparkTable of(Place place, Identity identity, TableRef ref, TableDescription table, Long pinned) {
    TableShape shape = TableShape.of(place, table);
    WriteTarget target = WriteTarget.existing(ref, table, shape.schema());
    return shape.partitionColumns().isEmpty()
        ? new SparkTable(place.name(), identity, shape, target, pinned)
        : new PartitionedSparkTable(place.name(), identity, shape, target, pinned);
  }

  /** As the user names it: {@code lake.db.t}. */
  @Override
  public String name() {
    return name;
  }

  /** Spark 4.1 and newer refuse to go on with a table that was replaced by another one since it was analyzed. */
  @Override
  public String id() {
    return identity.id();
  }

  /** By this Spark 4.1 and newer see that a table has versions, and look at the newest one before each execution. */
  @Override
  public String version() {
    return identity.version() == null ? null : identity.version().toString();
  }

  /** Spark derives the columns from it, each version with its own helper, hence this deprecated method. */
  @Override
  @SuppressWarnings("deprecation")
  public StructType schema() {
    return shape.schema();
  }

  @Override
  public Transform[] partitioning() {
    return shape.partitioning();
  }

  @Override
  public Map<String, String> properties() {
    return Collections.unmodifiableMap(shape.properties());
  }

  @Override
  public Set<TableCapability> capabilities() {
    return CAPABILITIES;
  }

  @Override
  public MetadataColumn[] metadataColumns() {
    return Stream.concat(Stream.of(FileMetadataColumn.of(shape)), RowIdColumn.of(shape)).toArray(MetadataColumn[]::new);
  }

  @Override
  public ScanBuilder newScanBuilder(CaseInsensitiveStringMap options) {
    return new DeltaKernelScanBuilder(readTarget(), options);
  }

  /**
   * The table, for what can be done at its newest version only.
   *
   * @param what completes "Cannot …"
   * @throws InvalidInputException for a table as of a version
   */
  public TableRef newest(String what) {
    if (pinned != null) {
      throw TimeTravel.pinned(what, name, pinned);
    }
    return target.table();
  }

  /** What scans of the table read. */
  public final ReadTarget readTarget() {
    return new ReadTarget(target.table(), pinned, DefaultCollation.stored(shape.schema()), shape.partitionColumns(), identity.key());
  }

  @Override
  public WriteBuilder newWriteBuilder(LogicalWriteInfo info) {
    requireNotPinned();
    requireThisPlace(info.options().get("path"));
    return new DeltaKernelWriteBuilder(target, info);
  }

  /** For DELETE, UPDATE and MERGE, wherever not whole files go. */
  @Override
  public RowLevelOperationBuilder newRowLevelOperationBuilder(RowLevelOperationInfo info) {
    requireNotPinned();
    return () -> new ChangeOperation(info.command(), readTarget(), target);
  }

  @Override
  public WriteTarget deletionTarget() {
    requireNotPinned();
    return target;
  }

  private void requireNotPinned() {
    if (pinned != null) {
      throw TimeTravel.notWritable(name, pinned);
    }
  }

  /** A write says where to by the table's name or path; the option may repeat that, and not say otherwise. */
  private void requireThisPlace(String path) {
    Location place = Location.of(shape.properties().get(TableCatalog.PROP_LOCATION));
    if (path != null && !Location.of(path).equals(place)) {
      throw Unchecked.raise(new InvalidInputException("DELTA_CREATE_TABLE_IDENTIFIER_LOCATION_MISMATCH", "Cannot write to " + name
          + " with the option path=" + path + ": the table lies at " + place + ". Leave the option out, or write to "
          + "that path with save(path)", null));
    }
  }

  /** Spark refreshes cached plans of equal tables after a write, so versions of one table are equal. */
  @Override
  public boolean equals(Object other) {
    return other instanceof SparkTable table && name.equals(table.name) && identity.key().equals(table.identity.key());
  }

  @Override
  public int hashCode() {
    return identity.key().hashCode();
  }

  @Override
  public String toString() {
    return name;
  }
}
