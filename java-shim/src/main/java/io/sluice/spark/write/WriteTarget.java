package io.sluice.spark.write;

import io.sluice.spark.constraints.CheckConstraints;
import io.sluice.spark.jni.message.TableCreation;
import io.sluice.spark.jni.message.TableDescription;
import io.sluice.spark.jni.message.TableRef;
import io.sluice.spark.jni.message.WriteRefusal;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.types.StructType;

/**
 * The table a write goes to.
 *
 * @param version the user has seen; null for a table that is yet to be created
 * @param tableId of that version; null for a table that is yet to be created
 * @param schema Delta schema string of that version; null for a table that is yet to be created
 * @param columns the same as Spark is shown it, with char and varchar as types; null likewise
 * @param properties the table's own properties
 * @param refusal why it cannot be written, or null
 * @param create the table to create with the data, or null for one that exists
 */
public record WriteTarget(
    TableRef table,
    Long version,
    String tableId,
    String schema,
    StructType columns,
    List<String> partitionColumns,
    Map<String, String> properties,
    WriteRefusal refusal,
    TableCreation create) {
  public static WriteTarget existing(TableRef table, TableDescription seen, StructType columns) {
    return new WriteTarget(table, seen.version(), seen.id(), seen.schema(), columns, seen.partitionColumns(), seen.properties(),
        seen.writeRefusal(), null);
  }

  public static WriteTarget created(TableRef table, TableCreation create) {
    return new WriteTarget(table, null, null, null, null, List.of(), create.definition().properties(), null, create);
  }

  /** CHECK constraints on the rows of an existing table: SQL expressions by name. */
  Map<String, String> constraints() {
    return create == null ? CheckConstraints.of(properties) : Map.of();
  }

  /** What a write does that overwrites rows, or does not. */
  WriteKind kind(boolean overwrites) {
    if (create == null) {
      return overwrites ? WriteKind.OVERWRITE : WriteKind.APPEND;
    }
    return create.replaces() == null ? WriteKind.CREATE : WriteKind.REPLACE;
  }

  void requireWritable() {
    if (refusal != null) {
      throw refusal.toException();
    }
  }
}
