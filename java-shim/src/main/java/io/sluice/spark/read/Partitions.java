package io.sluice.spark.read;

import io.sluice.spark.jni.NativeControl;
import io.sluice.spark.jni.message.ScanRequest;
import io.sluice.spark.types.DefaultCollation;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/** The partitions of a table, for SHOW PARTITIONS: those that its log has files in. */
public final class Partitions {
  private Partitions() {}

  /** The partition columns, in the order in which the table is partitioned by them. */
  public static StructType schema(ReadTarget table) {
    return new StructType(table.partitionColumns().stream().map(table.schema()::apply).toArray(StructField[]::new));
  }

  /**
   * The values of the partition columns of each partition.
   *
   * @param names of partition columns, spelled as in the schema; of all partitions without any
   * @param values that these have in the wanted partitions
   */
  public static InternalRow[] list(ReadTarget table, String[] names, InternalRow values) {
    StructType schema = schema(table);
    int[] columns = Arrays.stream(names).mapToInt(schema::fieldIndex).toArray();
    StructType asked = new StructType(Arrays.stream(columns).mapToObj(i -> schema.fields()[i]).toArray(StructField[]::new));
    InternalRow wanted = row(values, asked, IntStream.range(0, names.length));
    ScanRequest scan = new ScanRequest(
        table.table(), table.version(), DefaultCollation.stored(schema).json(), List.of(), List.of(), null,
        ReadSettings.of(CaseInsensitiveStringMap.empty()));
    return NativeControl.partitions(scan).stream()
        .map(partition -> PartitionValues.row(partition, schema))
        .filter(partition -> row(partition, schema, IntStream.of(columns)).equals(wanted))
        .toArray(InternalRow[]::new);
  }

  /** Some columns of a row. Rows are equal if they are of one kind and hold equal values. */
  private static InternalRow row(InternalRow from, StructType types, IntStream columns) {
    return new GenericInternalRow(columns.mapToObj(i -> from.get(i, types.fields()[i].dataType())).toArray());
  }
}
