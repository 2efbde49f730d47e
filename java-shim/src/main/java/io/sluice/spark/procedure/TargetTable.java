package io.sluice.spark.procedure;

import io.sluice.spark.InvalidInputException;
import io.sluice.spark.catalog.CatalogPaths;
import io.sluice.spark.catalog.QualifiedNames;
import io.sluice.spark.error.Unchecked;
import io.sluice.spark.jni.message.TableRef;
import io.sluice.spark.storage.Location;
import io.sluice.spark.table.SparkTable;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.analysis.NoSuchTableException;
import org.apache.spark.sql.catalyst.parser.ParseException;
import org.apache.spark.sql.catalyst.parser.ParserInterface;
import org.apache.spark.sql.connector.catalog.Identifier;
import org.apache.spark.sql.connector.catalog.Table;
import org.apache.spark.sql.connector.catalog.TableCatalog;
import scala.jdk.javaapi.CollectionConverters;

/** The table that a procedure is called for, at its newest version. */
record TargetTable(Identifier ident, SparkTable table, TableRef ref) {
  private static final String[] PATHS = {"delta"};

  /**
   * @param text a name as in SQL, in the current namespace if it has none, with the catalog's own name before it or not; or a path
   * @param procedure for errors
   * @throws InvalidInputException if that is no Delta table, or an older version of one
   */
  static TargetTable named(ProcedureProvider catalog, String text, String procedure) {
    Identifier ident = identifier(catalog, text);
    try {
      Table table = catalog.loadTable(ident);
      if (table instanceof SparkTable found) {
        return new TargetTable(ident, found, found.newest("call " + procedure));
      }
      throw Unchecked.raise(new InvalidInputException("DELTA_ONLY_OPERATION", "Cannot call " + procedure + " for "
          + table.name() + ": it is not a Delta table. Name one that is", null));
    } catch (NoSuchTableException e) {
      throw Unchecked.raise(e);
    }
  }

  boolean isNamedByPath() {
    return CatalogPaths.isPath(ident);
  }

  /** Where it lies, as Hadoop writes it. */
  String location() {
    return table.properties().get(TableCatalog.PROP_LOCATION);
  }

  private static Identifier identifier(ProcedureProvider catalog, String text) {
    if (Location.isAbsolute(text)) {
      return Identifier.of(PATHS, text);
    }
    List<String> parts = parsed(text);
    String[] namespace = parts.subList(0, parts.size() - 1).toArray(String[]::new);
    String name = parts.get(parts.size() - 1);
    return namespace.length == 0
        ? Identifier.of(currentNamespace(catalog), name)
        : QualifiedNames.within(catalog.name(), Identifier.of(namespace, name), catalog::namespaceExists);
  }

  /** The session's, if this is its current catalog. */
  private static String[] currentNamespace(ProcedureProvider catalog) {
    SparkSession session = SparkSession.active();
    if (!session.catalog().currentCatalog().equals(catalog.name())) {
      return catalog.defaultNamespace();
    }
    String current = session.catalog().currentDatabase();
    return current.isEmpty() ? new String[0] : parsed(current).toArray(String[]::new);
  }

  private static List<String> parsed(String name) {
    ParserInterface parser = ((org.apache.spark.sql.classic.SparkSession) SparkSession.active()).sessionState().sqlParser();
    try {
      return CollectionConverters.asJava(parser.parseMultipartIdentifier(name));
    } catch (ParseException e) {
      throw Unchecked.raise(e);
    }
  }
}
