package io.sluice.spark.jni.message;

import java.util.Map;

/**
 * What was looked at before a table is altered; if it is not so any more, the alteration is a conflict.
 *
 * @param tableId the table id of the metadata
 * @param constraints CHECK constraints: SQL expressions by name
 */
public record AlterationBasis(long version, String tableId, Map<String, String> constraints) {}
