package io.sluice.spark.parser;

import io.sluice.spark.catalog.RegisteredCatalog;
import io.sluice.spark.error.Unchecked;
import io.sluice.spark.procedure.ProcedureProvider;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.FunctionIdentifier;
import org.apache.spark.sql.catalyst.TableIdentifier;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.parser.ParseException;
import org.apache.spark.sql.catalyst.parser.ParserInterface;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.execution.SparkSqlParser;
import org.apache.spark.sql.internal.VariableSubstitution;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Spark's SQL with the statements that ask for a procedure of ours ({@link DescribeStatement}), about tables of our catalogs; all else
 * goes to the parser there was. It extends Spark's own because later versions ask parsers for more than Spark 4.1 does.
 */
public class SluiceParser extends SparkSqlParser {
  private final SparkSession session;
  final ParserInterface delegate;
  private final Class<? extends ProcedureProvider> paths;

  /** @param paths the catalog that paths are looked for in, where the current one is not ours */
  public static ParserInterface of(
      SparkSession session, ParserInterface delegate, Class<? extends ProcedureProvider> paths) {
    return hasParameters() ? new ParameterParser(session, delegate, paths) : new SluiceParser(session, delegate, paths);
  }

  /** Whether this Spark's parsers are handed the parameters of statements. */
  private static boolean hasParameters() {
    return Arrays.stream(ParserInterface.class.getMethods())
        .anyMatch(method -> method.getName().equals("parsePlanWithParameters"));
  }

  SluiceParser(SparkSession session, ParserInterface delegate, Class<? extends ProcedureProvider> paths) {
    this.session = session;
    this.delegate = delegate;
    this.paths = paths;
  }

  @Override
  public LogicalPlan parsePlan(String sql) {
    return parsed(sql, () -> delegate.parsePlan(sql));
  }

  /** @param theirs what the other parser makes of the same statement */
  final LogicalPlan parsed(String sql, Parsing<LogicalPlan> theirs) {
    return DescribeStatement.isLikely(sql)
        ? DescribeStatement.of(new VariableSubstitution().substitute(sql))
            .flatMap(statement -> statement.isPath() ? ofPath(statement, theirs) : ofName(statement, theirs))
            .orElseGet(() -> unchecked(theirs))
        : unchecked(theirs);
  }

  private Optional<LogicalPlan> ofName(DescribeStatement statement, Parsing<LogicalPlan> theirs) {
    List<String> parts = CollectionConverters.asJava(parseMultipartIdentifier(statement.table()));
    if (parts.size() > 1 && RegisteredCatalog.isRegistered(parts.get(0))) {
      return ours(parts.get(0)).map(catalog -> call(catalog, statement, parts.subList(1, parts.size())));
    }
    boolean isPath = parts.size() == 2 && parts.get(0).equalsIgnoreCase("delta");
    return isPath ? atPath(statement, parts, theirs) : current().map(catalog -> call(catalog, statement, parts));
  }

  private Optional<LogicalPlan> ofPath(DescribeStatement statement, Parsing<LogicalPlan> theirs) {
    String path = parseExpression(statement.table()).eval(null).toString();
    return atPath(statement, List.of("delta", path), theirs);
  }

  /** Delta's own connector answers for paths, unless the current catalog is ours. */
  private Optional<LogicalPlan> atPath(DescribeStatement statement, List<String> parts, Parsing<LogicalPlan> theirs) {
    return current().or(() -> DeltaStatements.isOne(theirs) ? Optional.empty() : ours(RegisteredCatalog.name(null, paths)))
        .map(catalog -> call(catalog, statement, parts));
  }

  private static LogicalPlan call(ProcedureProvider catalog, DescribeStatement statement, List<String> table) {
    return Calls.of(catalog, statement.procedure(), table, statement.limit());
  }

  private Optional<ProcedureProvider> current() {
    return ours(session.catalog().currentCatalog());
  }

  private Optional<ProcedureProvider> ours(String catalog) {
    try {
      return RegisteredCatalog.plugin(session, catalog) instanceof ProcedureProvider found
          ? Optional.of(found) : Optional.empty();
    } catch (Exception e) {
      throw Unchecked.raise(e);
    }
  }

  // ---- the parser there was

  @Override
  public Expression parseExpression(String sql) {
    return unchecked(() -> delegate.parseExpression(sql));
  }

  @Override
  public TableIdentifier parseTableIdentifier(String sql) {
    return unchecked(() -> delegate.parseTableIdentifier(sql));
  }

  @Override
  public FunctionIdentifier parseFunctionIdentifier(String sql) {
    return unchecked(() -> delegate.parseFunctionIdentifier(sql));
  }

  @Override
  public Seq<String> parseMultipartIdentifier(String sql) {
    return unchecked(() -> delegate.parseMultipartIdentifier(sql));
  }

  @Override
  public LogicalPlan parseQuery(String sql) {
    return unchecked(() -> delegate.parseQuery(sql));
  }

  @Override
  public StructType parseRoutineParam(String sql) {
    return unchecked(() -> delegate.parseRoutineParam(sql));
  }

  @Override
  public StructType parseTableSchema(String sql) {
    return unchecked(() -> delegate.parseTableSchema(sql));
  }

  @Override
  public DataType parseDataType(String sql) {
    return unchecked(() -> delegate.parseDataType(sql));
  }

  /** What the other parser makes of a text. */
  interface Parsing<T> {
    T parse() throws ParseException;
  }

  private static <T> T unchecked(Parsing<T> parsing) {
    try {
      return parsing.parse();
    } catch (ParseException e) {
      throw Unchecked.raise(e);
    }
  }
}
