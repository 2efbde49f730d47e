package io.sluice.spark.metadata;

import io.sluice.spark.table.SparkTable;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.catalyst.analysis.NoSuchTableException;
import org.apache.spark.sql.connector.catalog.Identifier;
import org.apache.spark.sql.connector.catalog.Table;

/** Names of metadata tables: the name of a table, and one more part. A real table of such a name goes before. */
public final class MetadataTables {
  private MetadataTables() {}

  /** How a catalog loads a table, at whichever version. */
  @FunctionalInterface
  public interface Loader {
    Table load(Identifier table) throws NoSuchTableException;
  }

  /** The table of that name, or else the metadata table. */
  public static Table load(Identifier ident, Loader loader) throws NoSuchTableException {
    try {
      return loader.load(ident);
    } catch (NoSuchTableException e) {
      return find(ident, loader).orElseThrow(() -> e);
    }
  }

  /** The metadata table of that name; empty if it is no such name, or there is no Delta table before its last part. */
  public static Optional<Table> find(Identifier ident, Loader loader) {
    Optional<MetadataKind> kind = MetadataKind.of(ident.name());
    if (kind.isEmpty() || ident.namespace().length == 0) {
      return Optional.empty();
    }
    try {
      return loader.load(of(ident)) instanceof SparkTable table
          ? Optional.of(new MetadataTable(table, kind.get()))
          : Optional.empty();
    } catch (NoSuchTableException e) {
      return Optional.empty();
    }
  }

  /**
   * Checks that a name is no metadata table's.
   *
   * @param what is to be done with it, for the message
   * @throws UnsupportedOperationException if it is
   */
  public static void refuse(String what, Identifier ident, Loader loader) {
    if (find(ident, loader).isPresent()) {
      throw MetadataTable.refused(what, shown(ident), shown(of(ident)));
    }
  }

  /** The table that it would be a metadata table of. */
  private static Identifier of(Identifier ident) {
    String[] namespace = ident.namespace();
    int last = namespace.length - 1;
    return Identifier.of(Arrays.copyOf(namespace, last), namespace[last]);
  }

  private static String shown(Identifier ident) {
    return Stream.concat(Arrays.stream(ident.namespace()), Stream.of(ident.name())).collect(Collectors.joining("."));
  }
}
