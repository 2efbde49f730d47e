package io.sluice.spark.jni.message;

import java.util.List;

/**
 * The partitions of a scan.
 *
 * @param keys of each partition the values of the key columns that were asked for: numbers as Spark holds them, decimals
 *     as their unscaled digits in text, null
 * @param slices of each partition, opaque, for {@link ReaderHandle#open}
 */
public record PackedScan(List<List<Object>> keys, byte[][] slices) {}
