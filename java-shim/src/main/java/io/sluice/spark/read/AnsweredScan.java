package io.sluice.spark.read;

import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.read.LocalScan;
import org.apache.spark.sql.types.StructType;

/** Spark's {@code LocalScan}: one row of aggregates, known without reading a data file. */
record AnsweredScan(String table, long version, StructType readSchema, InternalRow row) implements LocalScan {
  @Override
  public InternalRow[] rows() {
    return new InternalRow[] {row};
  }

  @Override
  public String description() {
    return table + " at version " + version + ", from statistics";
  }
}
