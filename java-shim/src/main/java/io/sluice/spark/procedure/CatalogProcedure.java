package io.sluice.spark.procedure;

import io.sluice.spark.InvalidInputException;
import io.sluice.spark.error.Unchecked;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.catalog.procedures.BoundProcedure;
import org.apache.spark.sql.connector.catalog.procedures.ProcedureParameter;
import org.apache.spark.sql.connector.catalog.procedures.UnboundProcedure;
import org.apache.spark.sql.connector.read.LocalScan;
import org.apache.spark.sql.connector.read.Scan;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** A procedure as Spark calls it, in a catalog of its own. Its first parameter is the table. */
record CatalogProcedure(ProcedureProvider catalog, TableProcedure procedure) implements UnboundProcedure, BoundProcedure {
  private static final ProcedureParameter TABLE = ProcedureParameter.in("table", DataTypes.StringType)
      .comment("The table: its name in the catalog, or its path").build();

  /** What is left to read of a call: its rows. */
  private record Result(StructType readSchema, InternalRow[] rows) implements LocalScan {}

  @Override
  public String name() {
    return procedure.name();
  }

  @Override
  public String description() {
    return procedure.description();
  }

  /** There is but one form of each. */
  @Override
  public BoundProcedure bind(StructType inputType) {
    return this;
  }

  @Override
  public boolean isDeterministic() {
    return false;
  }

  @Override
  public ProcedureParameter[] parameters() {
    return Stream.concat(Stream.of(TABLE), procedure.parameters().stream()).toArray(ProcedureParameter[]::new);
  }

  @Override
  public Iterator<Scan> call(InternalRow input) {
    if (input.isNullAt(0)) {
      throw Unchecked.raise(new InvalidInputException("SLUICE_INVALID_ARGUMENT", "Cannot call " + catalog.name() + "."
          + Procedures.NAMESPACE + "." + name() + ": its argument table is NULL. Give the name of a table, or its path", null));
    }
    TargetTable table = TargetTable.named(catalog, input.getUTF8String(0).toString(), name());
    List<InternalRow> rows = procedure.call(table, new Arguments(input));
    return List.<Scan>of(new Result(procedure.output(), rows.toArray(InternalRow[]::new))).iterator();
  }
}
