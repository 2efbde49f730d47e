package io.sluice.spark.jni.message;

import java.util.List;

/**
 * The newest version of a table, and its files.
 *
 * @param lastModified milliseconds since the epoch, or null if the version's commit has been cleaned up
 * @param numFiles data files
 * @param sizeInBytes of the data files
 * @param tableFeatures sorted, with those that old protocol versions stand for
 */
public record TableDetail(
    TableDescription description, Long lastModified, long numFiles, long sizeInBytes, List<String> tableFeatures) {}
