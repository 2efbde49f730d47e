package io.sluice.spark.parser;

import io.sluice.spark.procedure.ProcedureProvider;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.parser.ParameterContext;
import org.apache.spark.sql.catalyst.parser.ParserInterface;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;

/**
 * Spark 4.1 and newer hand the parameters of a statement to the parser; our statements have none. Apart, as Spark 4.0 has no such
 * class.
 */
final class ParameterParser extends SluiceParser {
  ParameterParser(SparkSession session, ParserInterface delegate, Class<? extends ProcedureProvider> paths) {
    super(session, delegate, paths);
  }

  @Override
  public LogicalPlan parsePlanWithParameters(String sql, ParameterContext parameters) {
    return parsed(sql, () -> delegate.parsePlanWithParameters(sql, parameters));
  }
}
