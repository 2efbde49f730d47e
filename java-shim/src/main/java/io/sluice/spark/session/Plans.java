package io.sluice.spark.session;

import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import scala.jdk.javaapi.CollectionConverters;

/** Spark's logical plans. */
public final class Plans {
  private Plans() {}

  /** The topmost node of a kind that is meant. */
  public static <P extends LogicalPlan> Optional<P> find(LogicalPlan plan, Class<P> kind, Predicate<P> isMeant) {
    if (kind.isInstance(plan) && isMeant.test(kind.cast(plan))) {
      return Optional.of(kind.cast(plan));
    }
    Stream<LogicalPlan> below = CollectionConverters.asJava(plan.children()).stream();
    return below.map(child -> find(child, kind, isMeant)).flatMap(Optional::stream).findFirst();
  }
}
