package io.sluice.spark.procedure;

import org.apache.spark.sql.connector.catalog.Identifier;
import org.apache.spark.sql.connector.catalog.ProcedureCatalog;
import org.apache.spark.sql.connector.catalog.SupportsNamespaces;
import org.apache.spark.sql.connector.catalog.TableCatalog;
import org.apache.spark.sql.connector.catalog.procedures.UnboundProcedure;

/** A catalog of ours with its procedures, in the namespace {@code system}: {@code CALL lake.system.history(table => 'db.t')}. */
public interface ProcedureProvider extends TableCatalog, SupportsNamespaces, ProcedureCatalog {
  /** @throws io.sluice.spark.InvalidInputException if there is none of that name */
  @Override
  default UnboundProcedure loadProcedure(Identifier ident) {
    return Procedures.load(this, ident);
  }

  /** All of them, in their namespace and at the root, where one looks for them first. Spark 4.1 and newer ask. */
  @Override
  default Identifier[] listProcedures(String[] namespace) {
    return Procedures.list(namespace);
  }
}
