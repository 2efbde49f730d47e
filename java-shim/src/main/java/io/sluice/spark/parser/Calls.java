package io.sluice.spark.parser;

import io.sluice.spark.procedure.ProcedureProvider;
import io.sluice.spark.procedure.Procedures;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.spark.sql.catalyst.analysis.ResolvedProcedure;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.plans.logical.Call;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.connector.catalog.Identifier;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.unsafe.types.UTF8String;
import scala.jdk.javaapi.CollectionConverters;

/** Plans that call a procedure, as {@code CALL} makes them. */
final class Calls {
  private Calls() {}

  /**
   * @param table parts of its name in the catalog
   * @param limit null for a procedure that takes none, or where there is none
   */
  static LogicalPlan of(ProcedureProvider catalog, String procedure, List<String> table, Long limit) {
    Identifier ident = Procedures.identifier(procedure);
    String name = table.stream().map(part -> "`" + part.replace("`", "``") + "`").collect(Collectors.joining("."));
    Literal named = new Literal(UTF8String.fromString(name), DataTypes.StringType);
    List<Literal> arguments = limit == null ? List.of(named) : List.of(named, new Literal(limit, DataTypes.LongType));
    return new Call(new ResolvedProcedure(catalog, ident, catalog.loadProcedure(ident)),
        CollectionConverters.asScala(List.<org.apache.spark.sql.catalyst.expressions.Expression>copyOf(arguments)).toSeq(), true);
  }
}
