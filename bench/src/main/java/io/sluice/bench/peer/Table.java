package io.sluice.bench.peer;

import org.apache.spark.sql.types.StructType;

/**
 * A table to write.
 *
 * @param name never used twice, as every peer keeps something about the tables it has seen
 * @param partitionBy a column, or null
 */
public record Table(String name, StructType schema, String partitionBy, Codec codec) {}
