package io.sluice.spark.columnar;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.expressions.BoundReference;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import scala.jdk.javaapi.CollectionConverters;

/** Some of the columns of rows, in another order. */
final class Columns {
  private Columns() {}

  /** For one thread; each row it makes lives until the next. */
  static UnsafeProjection projection(StructType schema, int[] ordinals) {
    List<Expression> chosen = new ArrayList<>();
    for (int ordinal : ordinals) {
      StructField field = schema.fields()[ordinal];
      chosen.add(new BoundReference(ordinal, field.dataType(), field.nullable()));
    }
    return UnsafeProjection.create(CollectionConverters.asScala(chosen).toSeq());
  }
}
