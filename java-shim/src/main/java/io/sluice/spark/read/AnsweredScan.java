package io.sluice.spark.read;

import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.read.LocalScan;
import org.apache.spark.sql.types.StructType;

/** Spark's {@code LocalScan}: rows of aggregates, known without reading a data file. */
record AnsweredScan(String table, long version, StructType readSchema, List<InternalRow> answers)
    implements LocalScan {
  @Override
  public InternalRow[] rows() {
    return answers.toArray(InternalRow[]::new);
  }

  @Override
  public String description() {
    return table + " at version " + version + ", from statistics";
  }
}
