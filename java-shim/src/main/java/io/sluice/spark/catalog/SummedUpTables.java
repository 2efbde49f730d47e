package io.sluice.spark.catalog;

import java.util.Arrays;
import org.apache.spark.sql.catalyst.analysis.NoSuchNamespaceException;
import org.apache.spark.sql.connector.catalog.Identifier;
import org.apache.spark.sql.connector.catalog.TableCatalog;
import org.apache.spark.sql.connector.catalog.TableSummary;

/** Tables with their kinds, which Spark 4.1 and newer ask catalogs for. Apart from them, as Spark 4.0 has no such class. */
public interface SummedUpTables extends TableCatalog {
  /** Whether the catalog has not chosen the table's place. */
  boolean isExternal(Identifier ident);

  /** Without looking into the tables' logs. */
  @Override
  default TableSummary[] listTableSummaries(String[] namespace) throws NoSuchNamespaceException {
    return Arrays.stream(listTables(namespace))
        .map(ident -> TableSummary.of(
            ident, isExternal(ident) ? TableSummary.EXTERNAL_TABLE_TYPE : TableSummary.MANAGED_TABLE_TYPE))
        .toArray(TableSummary[]::new);
  }
}
