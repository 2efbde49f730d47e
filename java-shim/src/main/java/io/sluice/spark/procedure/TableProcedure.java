package io.sluice.spark.procedure;

import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.catalog.procedures.ProcedureParameter;
import org.apache.spark.sql.types.StructType;

/** What can be done with a table by {@code CALL}, in whichever catalog: a class each, to be listed in {@link Procedures}. */
interface TableProcedure {
  String name();

  /** For people. */
  String description();

  /** Those that follow the table. */
  List<ProcedureParameter> parameters();

  StructType output();

  /** @param arguments of {@link #parameters}, in their order; null where one is left out */
  List<InternalRow> call(TargetTable table, Arguments arguments);
}
