package io.sluice.spark.jni.message;

/**
 * What a scan will read.
 *
 * @param bytes of whole files
 * @param rows null if not known of every file
 */
public record ScanSummary(long version, long files, long bytes, Long rows) {}
