package io.sluice.spark.columnar;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.InSet;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.execution.FileSourceScanExec;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.datasources.parquet.ParquetFileFormat;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Filters that Spark's scan of Parquet files must not use: to the dictionary of a column -0.0 and 0.0 are two values, so that
 * it leaves out rows which Spark's own filter above the scan would keep (seen with 4.1.1 and 4.3.0). The filter above stays.
 */
final class ZeroFilters {
  private ZeroFilters() {}

  /** The same plan, whose scans are not told of comparisons with zero. */
  static SparkPlan withheld(SparkPlan plan) {
    if (plan instanceof FileSourceScanExec scan && scan.relation().fileFormat() instanceof ParquetFileFormat) {
      return withheld(scan);
    }
    List<SparkPlan> before = CollectionConverters.asJava(plan.children());
    List<SparkPlan> after = before.stream().map(ZeroFilters::withheld).toList();
    boolean isSame = IntStream.range(0, before.size()).allMatch(i -> before.get(i) == after.get(i));
    return isSame ? plan : plan.withNewChildren(CollectionConverters.asScala(after).toSeq());
  }

  private static SparkPlan withheld(FileSourceScanExec scan) {
    List<Expression> filters = CollectionConverters.asJava(scan.dataFilters());
    List<Expression> harmless = filters.stream().filter(filter -> !comparesWithZero(filter)).toList();
    return harmless.size() == filters.size() ? scan : with(scan, scan.dataFilters(), CollectionConverters.asScala(harmless).toSeq());
  }

  /** Spark's versions differ in what else a scan has. */
  private static SparkPlan with(FileSourceScanExec scan, Seq<Expression> old, Seq<Expression> filters) {
    List<Object> parts = new ArrayList<>();
    CollectionConverters.asJava(scan.productIterator()).forEachRemaining(part -> parts.add(part == old ? filters : part));
    return scan.makeCopy(parts.toArray());
  }

  private static boolean comparesWithZero(Expression filter) {
    boolean isZero = filter instanceof Literal literal && isFloat(literal.dataType())
        && literal.value() instanceof Number number && number.doubleValue() == 0;
    boolean isList = filter instanceof InSet set && isFloat(set.child().dataType());
    return isZero || isList || CollectionConverters.asJava(filter.children()).stream().anyMatch(ZeroFilters::comparesWithZero);
  }

  private static boolean isFloat(DataType type) {
    return type instanceof DoubleType || type instanceof FloatType;
  }
}
