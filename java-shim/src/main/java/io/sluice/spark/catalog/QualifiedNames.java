package io.sluice.spark.catalog;

import io.sluice.spark.InvalidInputException;
import io.sluice.spark.error.Unchecked;
import java.util.Arrays;
import java.util.function.Predicate;
import org.apache.spark.sql.connector.catalog.Identifier;

/**
 * Names that Spark hands to a catalog as they were written, as a table's new one, or the argument of a procedure: they may
 * begin with the name of the catalog, which Spark takes off other names itself.
 */
public final class QualifiedNames {
  private QualifiedNames() {}

  /**
   * The name within its catalog. A beginning that is the catalog's own name is taken off, whatever its case, unless a
   * namespace is called so.
   */
  public static Identifier within(String catalog, Identifier written, Predicate<String[]> namespaceExists) {
    String[] namespace = written.namespace();
    boolean isQualified = namespace.length > 0 && namespace[0].equalsIgnoreCase(catalog)
        && !namespaceExists.test(new String[] {namespace[0]});
    return isQualified
        ? Identifier.of(Arrays.copyOfRange(namespace, 1, namespace.length), written.name())
        : written;
  }

  /**
   * Checks that a table's new name is one of its own catalog. Where it begins with another one's, the table would be found
   * under neither.
   *
   * @throws InvalidInputException if it begins with the name of another catalog of the session, and not with a namespace's
   */
  public static void requireNotElsewhere(
      CatalogPaths paths, Identifier from, Identifier written, Predicate<String[]> namespaceExists) {
    String first = written.namespace().length == 0 ? paths.catalog() : written.namespace()[0];
    boolean isElsewhere = !first.equalsIgnoreCase(paths.catalog()) && RegisteredCatalog.isRegistered(first)
        && !namespaceExists.test(new String[] {first});
    if (isElsewhere) {
      String name = paths.displayName(from);
      throw Unchecked.raise(new InvalidInputException("SLUICE_OTHER_CATALOG", "Cannot rename " + name + " to " + written + ": " + first
          + " is another catalog, and a table stays in its own. Create the new table from the old one (CREATE TABLE "
          + written + " AS SELECT * FROM " + name + "), then drop that", null));
    }
  }
}
