package io.sluice.spark.ddl;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.catalyst.analysis.UnresolvedAttribute;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.parser.CatalystSqlParser$;
import scala.jdk.javaapi.CollectionConverters;

/** Which constraints speak of a column. */
public final class Dependents {
  private Dependents() {}

  /**
   * Those that name the column, one it lies in, or one that lies in it.
   *
   * @param constraints SQL expressions by name
   * @param column path of names
   */
  public static List<String> on(List<String> column, Map<String, String> constraints) {
    return constraints.entrySet().stream()
        .filter(constraint -> names(constraint.getValue()).stream().anyMatch(name -> overlap(name, column)))
        .map(constraint -> constraint.getKey() + " (" + constraint.getValue() + ")")
        .toList();
  }

  private static List<List<String>> names(String sql) {
    List<List<String>> names = new ArrayList<>();
    collect(CatalystSqlParser$.MODULE$.parseExpression(sql), names);
    return names;
  }

  private static void collect(Expression expression, List<List<String>> names) {
    if (expression instanceof UnresolvedAttribute attribute) {
      names.add(CollectionConverters.asJava(attribute.nameParts()));
    }
    CollectionConverters.asJava(expression.children()).forEach(child -> collect(child, names));
  }

  private static boolean overlap(List<String> name, List<String> column) {
    for (int i = 0; i < Math.min(name.size(), column.size()); i++) {
      if (!name.get(i).equalsIgnoreCase(column.get(i))) {
        return false;
      }
    }
    return true;
  }
}
