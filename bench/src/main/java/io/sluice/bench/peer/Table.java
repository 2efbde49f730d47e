package io.sluice.bench.peer;

import org.apache.spark.sql.types.StructType;

/**
 * A table to write.
 *
 * @param name never used twice, as every peer keeps something about the tables it has seen
 * @param partitionBy a column, or null
 * @param changes how its rows are deleted and updated, if they are
 */
public record Table(String name, StructType schema, String partitionBy, Codec codec, RowChanges changes) {
  /** How a format deletes a row of a file that others stay in. */
  public enum RowChanges {
    /** The file is written anew. */
    COPY_ON_WRITE,
    /** The row is marked (deletion vectors). */
    MERGE_ON_READ
  }

  /** A table whose rows stay as they are. */
  public Table(String name, StructType schema, String partitionBy, Codec codec) {
    this(name, schema, partitionBy, codec, RowChanges.COPY_ON_WRITE);
  }

  /** The same under another name. */
  public Table named(String other) {
    return new Table(other, schema, partitionBy, codec, changes);
  }
}
