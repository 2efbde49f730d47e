package io.sluice.spark.catalog;

import io.sluice.spark.InvalidInputException;
import io.sluice.spark.storage.Location;
import org.apache.spark.sql.connector.catalog.Identifier;

/**
 * The table at a path as {@code save(path)} and {@code load(path)} name it: where a catalog of ours has no table, it gives
 * one that the first append creates, which it does not for the same name in SQL.
 */
public record PathIdentifier(String path) implements Identifier {
  /** @throws InvalidInputException for a relative path */
  public PathIdentifier {
    Location.of(path);
  }

  @Override
  public String[] namespace() {
    return new String[] {CatalogPaths.PATH_NAMESPACE};
  }

  @Override
  public String name() {
    return path;
  }

  /** As Spark shows identifiers. */
  @Override
  public String toString() {
    return Identifier.of(namespace(), path).toString();
  }
}
