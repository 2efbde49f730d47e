package io.sluice.spark.jni;

import java.util.List;

/** The direct children of a directory: those with a Delta log, and the others. */
public record DirectoryListing(boolean exists, List<String> tables, List<String> namespaces) {}
