package io.sluice.spark.ddl;

import io.sluice.spark.InvalidInputException;
import io.sluice.spark.error.Unchecked;
import io.sluice.spark.jni.message.TableCreation;
import io.sluice.spark.storage.Place;
import io.sluice.spark.write.DeltaKernelWriteBuilder;
import io.sluice.spark.write.WriteTarget;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.apache.spark.sql.connector.catalog.Column;
import org.apache.spark.sql.connector.catalog.SupportsWrite;
import org.apache.spark.sql.connector.catalog.TableCapability;
import org.apache.spark.sql.connector.expressions.Transform;
import org.apache.spark.sql.connector.write.LogicalWriteInfo;
import org.apache.spark.sql.connector.write.WriteBuilder;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.MetadataBuilder;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Spark's {@code Table} for a path at which there is none yet: {@code save(path)} in the modes append and overwrite
 * creates it, with the columns of the rows and in one commit with them. It cannot be read.
 */
public final class AbsentTable implements SupportsWrite {
  private static final Set<TableCapability> CAPABILITIES = Collections.unmodifiableSet(EnumSet.of(
      TableCapability.BATCH_WRITE,
      TableCapability.TRUNCATE,
      TableCapability.OVERWRITE_BY_FILTER,
      TableCapability.ACCEPT_ANY_SCHEMA));

  private final Place place;
  private final Function<StructType, NewTable> definition;

  /** @param definition the table to create for rows of a schema */
  public AbsentTable(Place place, Function<StructType, NewTable> definition) {
    this.place = place;
    this.definition = definition;
  }

  @Override
  public String name() {
    return place.name();
  }

  @Override
  @SuppressWarnings("deprecation")
  public StructType schema() {
    return new StructType();
  }

  /** Asked only to be compared with {@code partitionBy}, whose columns Spark does not tell in these modes. */
  @Override
  public Transform[] partitioning() {
    throw Unchecked.raise(new InvalidInputException("DELTA_PATH_DOES_NOT_EXIST", "Cannot save to " + place.location()
        + " with partitionBy in this mode: there is no table yet, and Spark does not say by which columns to partition "
        + "it. Save the first rows in mode \"error\" or \"ignore\", which create it as partitionBy says", null));
  }

  @Override
  public Map<String, String> properties() {
    return Map.of();
  }

  @Override
  public Set<TableCapability> capabilities() {
    return CAPABILITIES;
  }

  /** Columns are nullable, as they are in every table that Spark creates from rows. */
  @Override
  public WriteBuilder newWriteBuilder(LogicalWriteInfo info) {
    NewTable table = definition.apply(info.schema().asNullable());
    TableCreation creation = new TableCreation(table.definition(), "CREATE TABLE AS SELECT", null);
    return new DeltaKernelWriteBuilder(WriteTarget.created(table.ref(), creation), info);
  }

  /** The columns of rows. Spark's own conversion takes other arguments in each version; defaults are no part of rows. */
  public static Column[] columns(StructType rows) {
    return Arrays.stream(rows.fields()).map(AbsentTable::column).toArray(Column[]::new);
  }

  private static Column column(StructField field) {
    Metadata metadata = new MetadataBuilder()
        .withMetadata(field.metadata())
        .remove("comment")
        .remove("CURRENT_DEFAULT")
        .build();
    return Column.create(
        field.name(),
        field.dataType(),
        field.nullable(),
        field.getComment().getOrElse(() -> null),
        metadata.equals(Metadata.empty()) ? null : metadata.json());
  }

  @Override
  public String toString() {
    return name();
  }
}
