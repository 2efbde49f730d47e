package io.sluice.spark.ddl;

import java.util.Optional;
import org.apache.spark.sql.connector.catalog.TableChange;
import scala.Product;

/** ALTER TABLE ADD or DROP CONSTRAINT, whoever has parsed it. */
public sealed interface ConstraintChange {
  String name();

  /** @param expression SQL, a condition on a row */
  record Add(String name, String expression) implements ConstraintChange {}

  record Drop(String name, boolean ifExists) implements ConstraintChange {}

  /** @throws io.sluice.spark.UnsupportedTableException for constraints that no Delta table has */
  static Optional<ConstraintChange> of(TableChange change) {
    String className = change.getClass().getName();
    if (className.startsWith(TableChange.class.getName()) && className.endsWith("Constraint")) {
      return Optional.of(SparkConstraintChange.of(change));
    }
    return change instanceof Product product ? deltas(product) : Optional.empty();
  }

  /** What Delta's session extension makes of the statements, when both are on one class path: case classes of its own. */
  private static Optional<ConstraintChange> deltas(Product change) {
    boolean isPair = change.productArity() == 2 && change.productElement(0) instanceof String;
    if (isPair && change.productPrefix().equals("AddConstraint")
        && change.productElement(1) instanceof String expression) {
      return Optional.of(new Add((String) change.productElement(0), expression));
    } else if (isPair && change.productPrefix().equals("DropConstraint")
        && change.productElement(1) instanceof Boolean ifExists) {
      return Optional.of(new Drop((String) change.productElement(0), ifExists));
    }
    return Optional.empty();
  }
}
