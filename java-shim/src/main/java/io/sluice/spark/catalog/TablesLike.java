package io.sluice.spark.catalog;

import io.sluice.spark.constraints.CheckConstraints;
import io.sluice.spark.ddl.CreateProperties;
import io.sluice.spark.ddl.Declaration;
import io.sluice.spark.ddl.DeclaredConstraints;
import io.sluice.spark.table.SparkTable;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.catalyst.analysis.NoSuchNamespaceException;
import org.apache.spark.sql.catalyst.analysis.TableAlreadyExistsException;
import org.apache.spark.sql.connector.catalog.Identifier;
import org.apache.spark.sql.connector.catalog.Table;
import org.apache.spark.sql.connector.catalog.TableInfo;

/** CREATE TABLE … LIKE, which Spark 4.2 and newer ask catalogs for. Apart from them, as Spark 4.0 has no such class. */
public interface TablesLike extends DeclaringCatalog {
  /** What is of the one table, and not of another one like it. */
  Set<String> OWN = Set.of(PROP_LOCATION, PROP_EXTERNAL, PROP_IS_MANAGED_LOCATION, PROP_OWNER);

  /**
   * An empty table with the columns, layout, properties and constraints of another one.
   *
   * @param info the source's columns and layout, and what the statement says beside
   */
  default Table createTableLike(Identifier ident, TableInfo info, Table source)
      throws TableAlreadyExistsException, NoSuchNamespaceException {
    Map<String, String> properties = new HashMap<>();
    if (source instanceof SparkTable) {
      properties.putAll(source.properties());
      properties.keySet().removeIf(key -> OWN.contains(key) || CreateProperties.isProtocol(key));
    }
    properties.putAll(info.properties());
    Map<String, String> constraints = DeclaredConstraints.declaration(info).constraints();
    if (constraints.isEmpty()) {
      constraints = CheckConstraints.of(properties);
    }
    return create(ident, new Declaration(info.columns(), info.partitions(), properties, constraints));
  }
}
