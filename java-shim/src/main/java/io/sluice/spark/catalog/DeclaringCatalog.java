package io.sluice.spark.catalog;

import io.sluice.spark.ddl.Declaration;
import io.sluice.spark.ddl.DeclaredConstraints;
import org.apache.spark.sql.catalyst.analysis.NoSuchNamespaceException;
import org.apache.spark.sql.catalyst.analysis.NoSuchTableException;
import org.apache.spark.sql.catalyst.analysis.TableAlreadyExistsException;
import org.apache.spark.sql.connector.catalog.Identifier;
import org.apache.spark.sql.connector.catalog.StagedTable;
import org.apache.spark.sql.connector.catalog.StagingTableCatalog;
import org.apache.spark.sql.connector.catalog.Table;
import org.apache.spark.sql.connector.catalog.TableInfo;

/**
 * Spark's {@code StagingTableCatalog} as Spark 4.1 and newer ask it to create tables: with constraints. Apart from the catalogs,
 * as Spark 4.0 has no such class.
 */
public interface DeclaringCatalog extends StagingTableCatalog {
  Table create(Identifier ident, Declaration declared) throws TableAlreadyExistsException, NoSuchNamespaceException;

  StagedTable staged(Identifier ident, Declaration declared) throws TableAlreadyExistsException, NoSuchNamespaceException;

  StagedTable stagedReplacement(Identifier ident, Declaration declared)
      throws NoSuchTableException, NoSuchNamespaceException;

  StagedTable stagedCreationOrReplacement(Identifier ident, Declaration declared) throws NoSuchNamespaceException;

  @Override
  default Table createTable(Identifier ident, TableInfo table)
      throws TableAlreadyExistsException, NoSuchNamespaceException {
    return create(ident, DeclaredConstraints.declaration(table));
  }

  @Override
  default StagedTable stageCreate(Identifier ident, TableInfo table)
      throws TableAlreadyExistsException, NoSuchNamespaceException {
    return staged(ident, DeclaredConstraints.declaration(table));
  }

  @Override
  default StagedTable stageReplace(Identifier ident, TableInfo table)
      throws NoSuchNamespaceException, NoSuchTableException {
    return stagedReplacement(ident, DeclaredConstraints.replacement(table));
  }

  @Override
  default StagedTable stageCreateOrReplace(Identifier ident, TableInfo table) throws NoSuchNamespaceException {
    return stagedCreationOrReplacement(ident, DeclaredConstraints.replacement(table));
  }
}
