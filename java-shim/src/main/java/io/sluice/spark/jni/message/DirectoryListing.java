package io.sluice.spark.jni.message;

import java.util.List;

/**
 * The direct children of a directory.
 *
 * @param tables those with a Delta log, or with the place of a table that lies elsewhere
 * @param namespaces the other directories
 * @param files the number of files that are not ours
 */
public record DirectoryListing(boolean exists, List<String> tables, List<String> namespaces, long files) {
  public boolean isEmpty() {
    return tables.isEmpty() && namespaces.isEmpty() && files == 0;
  }
}
