package io.sluice.bench.cases;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/** The smallest thing to append, made anew each time, as an event that has just come in. */
final class OneRow {
  static final StructType SCHEMA = StructType.fromDDL("id BIGINT, at TIMESTAMP, name STRING, amount DECIMAL(15,2)");

  private static final Instant NOON = Instant.parse("2024-01-01T12:00:00Z");

  private OneRow() {}

  static Dataset<Row> of(SparkSession session, long id) {
    Row row = RowFactory.create(id, NOON.plusSeconds(id), "event " + id, BigDecimal.valueOf(id, 2));
    return session.createDataFrame(List.of(row), SCHEMA);
  }
}
