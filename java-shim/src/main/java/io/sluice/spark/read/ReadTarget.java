package io.sluice.spark.read;

import io.sluice.spark.jni.message.TableRef;
import java.util.List;
import org.apache.spark.sql.types.StructType;

/**
 * The table a scan reads.
 *
 * @param version the version it is pinned to, or null for the newest at the time a scan is planned
 * @param schema with char and varchar as strings, which is how they are read
 * @param identity equal for tables that are the same one
 */
public record ReadTarget(
    TableRef table, Long version, StructType schema, List<String> partitionColumns, String identity) {}
