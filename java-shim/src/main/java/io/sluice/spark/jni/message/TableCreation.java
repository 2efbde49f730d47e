package io.sluice.spark.jni.message;

/**
 * A table that a commit makes together with its first rows.
 *
 * @param operation Delta's name for it in the table's history
 * @param replaces the version of the table whose place it takes, or null if there is none
 */
public record TableCreation(TableDefinition definition, String operation, Long replaces) {}
