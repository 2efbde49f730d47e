package io.sluice.spark.write;

import io.sluice.spark.constraints.Attributes;
import io.sluice.spark.jni.message.Json;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.Literal$;
import org.apache.spark.sql.catalyst.expressions.PrettyAttribute;
import org.apache.spark.sql.catalyst.plans.logical.MergeRows;
import org.apache.spark.sql.catalyst.util.RowDeltaUtils;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * What a statement says of the rows that it changes, as the table's history shows it: {@code operationParameters} as delta-spark records
 * them, without the numbers that Spark gives to columns.
 */
public final class StatementText {
  /** The name of the condition that rows are found by. */
  public static final String PREDICATE = "predicate";

  private static final String INSERT = "insert";
  private static final String NONE = "[]";

  private StatementText() {}

  /** JSON of the conditions' texts. */
  public static String conditions(List<Expression> conditions) {
    return json(conditions.stream().map(StatementText::text).toList());
  }

  public static boolean isTrue(Expression condition) {
    return condition.equals(Literal$.MODULE$.TrueLiteral());
  }

  /**
   * Of a MERGE.
   *
   * @param clauses empty if they cannot be found
   */
  public static Map<String, String> merge(Expression condition, Optional<MergeRows> clauses) {
    Map<String, String> parameters = new LinkedHashMap<>();
    parameters.put(PREDICATE, conditions(List.of(condition)));
    clauses.ifPresent(rows -> {
      parameters.put("matchedPredicates", clauses(rows.matchedInstructions(), StatementText::action));
      parameters.put("notMatchedPredicates", clauses(rows.notMatchedInstructions(), insert -> INSERT));
      parameters.put("notMatchedBySourcePredicates", clauses(rows.notMatchedBySourceInstructions(), StatementText::action));
    });
    return parameters;
  }

  /**
   * Of a MERGE that only inserts rows.
   *
   * @param inserts conditions of its clauses; empty if they cannot be told
   */
  static Map<String, String> insertingMerge(Expression condition, Optional<List<Expression>> inserts) {
    Map<String, String> parameters = new LinkedHashMap<>();
    parameters.put(PREDICATE, conditions(List.of(condition)));
    parameters.put("matchedPredicates", NONE);
    inserts.ifPresent(found ->
        parameters.put("notMatchedPredicates", json(found.stream().map(insert -> clause(insert, INSERT)).toList())));
    parameters.put("notMatchedBySourcePredicates", NONE);
    return parameters;
  }

  private static String clauses(Seq<MergeRows.Instruction> instructions, Function<MergeRows.Instruction, String> action) {
    return json(CollectionConverters.asJava(instructions).stream()
        .map(instruction -> clause(instruction.condition(), action.apply(instruction)))
        .toList());
  }

  private static Map<String, String> clause(Expression condition, String action) {
    Map<String, String> clause = new LinkedHashMap<>();
    if (!isTrue(condition)) {
      clause.put(PREDICATE, text(condition));
    }
    clause.put("actionType", action);
    return clause;
  }

  /** Told by the mark on the rows that the instruction makes. */
  private static String action(MergeRows.Instruction instruction) {
    Object mark = ((Literal) instruction.outputs().head().head()).value();
    return mark.equals(RowDeltaUtils.DELETE_OPERATION()) ? "delete" : "update";
  }

  private static String text(Expression condition) {
    return Attributes.replaced(condition, column -> new PrettyAttribute(column.name(), column.dataType())).toString();
  }

  private static String json(List<?> values) {
    return new String(Json.write(values), StandardCharsets.UTF_8);
  }
}
