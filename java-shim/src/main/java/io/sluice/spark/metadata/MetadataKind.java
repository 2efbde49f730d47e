package io.sluice.spark.metadata;

import io.sluice.spark.read.ReadTarget;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.apache.spark.sql.types.StructType;

/** The metadata tables that a table has. */
enum MetadataKind {
  FILES(MetadataSchemas::files),
  PARTITIONS(MetadataSchemas::partitions),
  HISTORY(table -> MetadataSchemas.HISTORY),
  SNAPSHOTS(table -> MetadataSchemas.SNAPSHOTS),
  TXNS(table -> MetadataSchemas.TXNS),
  PROPERTIES(table -> MetadataSchemas.PROPERTIES);

  private final Function<ReadTarget, StructType> schema;

  MetadataKind(Function<ReadTarget, StructType> schema) {
    this.schema = schema;
  }

  /** The one of that name, whatever its case. */
  static Optional<MetadataKind> of(String name) {
    return Arrays.stream(values()).filter(kind -> kind.title().equalsIgnoreCase(name)).findFirst();
  }

  /** Its name, in SQL as in native code. */
  String title() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The columns it has for a table. */
  StructType schema(ReadTarget table) {
    return schema.apply(table);
  }

  /** Whether its rows have a column {@code partition} that can be filtered by. */
  boolean isPartitioned() {
    return this == FILES || this == PARTITIONS;
  }
}
