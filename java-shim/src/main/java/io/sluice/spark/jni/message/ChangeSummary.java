package io.sluice.spark.jni.message;

/**
 * What a row-level change does to rows that were there.
 *
 * @param rewrites tasks that copy the rows that stay in files that are written anew
 * @param changes tasks that copy the rows that go, for the change data feed
 */
public record ChangeSummary(int rewrites, int changes, long deletedRows, long updatedRows) {}
