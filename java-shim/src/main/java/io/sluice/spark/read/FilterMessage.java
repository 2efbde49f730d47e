package io.sluice.spark.read;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.spark.sql.connector.expressions.Expression;
import org.apache.spark.sql.connector.expressions.Literal;
import org.apache.spark.sql.connector.expressions.NamedReference;
import org.apache.spark.sql.connector.expressions.filter.Predicate;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * Spark's predicates as native code takes them: free of NOT, with the values of literals beside the names of their
 * types. What cannot be said there is left out; Spark evaluates it.
 */
public final class FilterMessage {
  private static final Map<String, String> OPPOSITES =
      Map.of("=", "<>", "<>", "=", "<", ">=", ">=", "<", ">", "<=", "<=", ">");
  private static final Map<String, String> MIRRORED =
      Map.of("=", "=", "<>", "<>", "<", ">", ">", "<", "<=", ">=", ">=", "<=");
  /** Types whose values native code compares as Spark does, to the last one. So it does decimals. */
  private static final Set<String> EXACT = Set.of("boolean", "byte", "short", "integer", "long", "float", "double",
      "date", "timestamp", "timestamp_ntz", "string", "binary");

  /** Of maps and lists in each other, of which native code reads 127 in a whole request. */
  private static final int MAX_LEVELS = 100;

  /** No row. */
  public static final Map<String, Object> NONE = Map.of("or", List.of());

  private FilterMessage() {}

  /** The whole predicate, or nothing. */
  public static Optional<Map<String, Object>> of(Predicate predicate) {
    return message(predicate, true).filter(message -> isShallow(message, MAX_LEVELS));
  }

  /** Whether a predicate that has a message is decided by partition values alone, as Spark would decide it. */
  public static boolean isExact(Predicate predicate, Set<String> partitionColumns) {
    for (NamedReference column : predicate.references()) {
      if (column.fieldNames().length != 1 || !partitionColumns.contains(column.fieldNames()[0])) {
        return false;
      }
    }
    return !predicate.name().equals("STARTS_WITH") && exactLiterals(predicate);
  }

  private static boolean exactLiterals(Expression expression) {
    if (expression instanceof Literal<?> literal) {
      boolean comparable = literal.dataType() instanceof DecimalType || EXACT.contains(literal.dataType().typeName());
      return comparable && !isEmpty(literal.value()) && !isNotFinite(literal.value());
    }
    boolean startsWith = expression instanceof Predicate part && part.name().equals("STARTS_WITH");
    return !startsWith && Arrays.stream(expression.children()).allMatch(FilterMessage::exactLiterals);
  }

  /** Delta has no such partition values. */
  private static boolean isEmpty(Object value) {
    return value instanceof UTF8String text && text.numBytes() == 0 || value instanceof byte[] bytes && bytes.length == 0;
  }

  /** Native code has no message for such values. */
  private static boolean isNotFinite(Object value) {
    return value instanceof Float single && !Float.isFinite(single) || value instanceof Double wide && !Double.isFinite(wide);
  }

  /** @param positive false within a NOT */
  private static Optional<Map<String, Object>> message(Predicate predicate, boolean positive) {
    Expression[] children = predicate.children();
    return switch (predicate.name()) {
      case "AND" -> junction(positive ? "and" : "or", children, positive);
      case "OR" -> junction(positive ? "or" : "and", children, positive);
      case "NOT" -> children[0] instanceof Predicate inner ? message(inner, !positive) : Optional.empty();
      case "=", "<>", "<", "<=", ">", ">=" -> comparison(predicate.name(), children, positive);
      case "<=>" -> positive ? comparison("=", children, true) : different(children);
      case "IN" -> in(children, positive);
      case "STARTS_WITH" -> positive ? startsWith(children) : Optional.empty();
      case "IS_NULL" -> nullTest(children, positive);
      case "IS_NOT_NULL" -> nullTest(children, !positive);
      default -> Optional.empty();
    };
  }

  /** Spark's have two sides each; here a chain of them is one list, as what is deep cannot be sent. */
  private static Optional<Map<String, Object>> junction(String name, Expression[] children, boolean positive) {
    List<Object> parts = new ArrayList<>();
    for (Expression child : children) {
      Optional<Map<String, Object>> part =
          child instanceof Predicate predicate ? message(predicate, positive) : Optional.empty();
      if (part.isEmpty()) {
        return Optional.empty();
      }
      Object same = part.get().get(name);
      if (same instanceof List<?> chained) {
        parts.addAll(chained);
      } else {
        parts.add(part.get());
      }
    }
    return Optional.of(Map.of(name, parts));
  }

  private static boolean isShallow(Object message, int levels) {
    Collection<?> inner = message instanceof Map<?, ?> map ? map.values() : message instanceof List<?> list ? list : List.of();
    return levels > 0 && inner.stream().allMatch(part -> isShallow(part, levels - 1));
  }

  private static Optional<Map<String, Object>> comparison(String name, Expression[] sides, boolean positive) {
    boolean mirrored = sides[0] instanceof Literal<?>;
    Expression column = sides[mirrored ? 1 : 0];
    String op = mirrored ? MIRRORED.get(name) : name;
    String wanted = positive ? op : OPPOSITES.get(op);
    return column(column).flatMap(path -> literal(sides[mirrored ? 0 : 1])
        .map(value -> compare(path, wanted, value)));
  }

  private static Optional<Map<String, Object>> in(Expression[] children, boolean positive) {
    List<Object> values = new ArrayList<>();
    for (Expression child : Arrays.asList(children).subList(1, children.length)) {
      Optional<Map<String, Object>> value = literal(child);
      if (value.isEmpty()) {
        return Optional.empty();
      }
      values.add(value.get());
    }
    return column(children[0]).map(path -> positive
        ? Map.of("in", Map.of("column", path, "values", values))
        : Map.of("and", values.stream().<Object>map(value -> compare(path, "<>", value)).toList()));
  }

  /** NULL is different from a value. */
  private static Optional<Map<String, Object>> different(Expression[] sides) {
    Expression column = sides[sides[0] instanceof Literal<?> ? 1 : 0];
    return comparison("<>", sides, true).flatMap(differs ->
        nullTest(new Expression[] {column}, true).map(isNull -> Map.of("or", List.of(isNull, differs))));
  }

  private static Map<String, Object> compare(List<String> column, String op, Object value) {
    return Map.of("compare", Map.of("column", column, "op", op, "value", value));
  }

  private static Optional<Map<String, Object>> startsWith(Expression[] children) {
    boolean text = children[1] instanceof Literal<?> literal && literal.dataType().equals(DataTypes.StringType)
        && literal.value() instanceof UTF8String prefix && prefix.isValid();
    return text
        ? column(children[0]).map(path -> Map.of("startsWith",
            Map.of("column", path, "prefix", ((Literal<?>) children[1]).value().toString())))
        : Optional.empty();
  }

  private static Optional<Map<String, Object>> nullTest(Expression[] children, boolean isNull) {
    return column(children[0]).map(path -> Map.of(isNull ? "isNull" : "isNotNull", path));
  }

  private static Optional<List<String>> column(Expression expression) {
    return expression instanceof NamedReference column
        ? Optional.of(List.of(column.fieldNames()))
        : Optional.empty();
  }

  private static Optional<Map<String, Object>> literal(Expression expression) {
    if (!(expression instanceof Literal<?> literal) || literal.value() == null) {
      return Optional.empty();
    }
    DataType type = literal.dataType();
    return value(literal.value(), type).map(value -> Map.of("type", type.typeName(), "value", value));
  }

  private static Optional<Object> value(Object value, DataType type) {
    if (value instanceof Boolean || value instanceof Byte || value instanceof Short || value instanceof Integer
        || value instanceof Long) {
      return Optional.of(value);
    } else if (value instanceof Float || value instanceof Double) {
      return Optional.of(value.toString());
    } else if (value instanceof UTF8String text && text.isValid()) {
      return Optional.of(text.toString());
    } else if (value instanceof Decimal decimal && type instanceof DecimalType exact && decimal.scale() == exact.scale()) {
      return Optional.of(decimal.toJavaBigDecimal().unscaledValue().toString());
    } else if (value instanceof byte[] bytes) {
      return Optional.of(IntStream.range(0, bytes.length).map(at -> bytes[at] & 0xff).boxed().toList());
    }
    return Optional.empty();
  }
}
