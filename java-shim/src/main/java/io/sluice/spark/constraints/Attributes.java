package io.sluice.spark.constraints;

import java.util.List;
import java.util.function.Function;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.Expression;
import scala.jdk.javaapi.CollectionConverters;

/** The columns in an expression of Spark's. */
public final class Attributes {
  private Attributes() {}

  /** The expression with each of its columns replaced by what {@code by} makes of it. */
  public static Expression replaced(Expression expression, Function<Attribute, Expression> by) {
    if (expression instanceof Attribute attribute) {
      return by.apply(attribute);
    }
    List<Expression> children = CollectionConverters.asJava(expression.children()).stream()
        .map(child -> replaced(child, by))
        .toList();
    return children.isEmpty()
        ? expression
        : expression.withNewChildren(CollectionConverters.asScala(children).toSeq());
  }
}
