package io.sluice.spark.table;

import io.sluice.spark.constraints.CheckConstraints;
import io.sluice.spark.session.Caller;
import java.util.Map;
import org.apache.spark.sql.connector.catalog.constraints.Check;
import org.apache.spark.sql.connector.catalog.constraints.Constraint;

/** A table's constraints as DESCRIBE and SHOW CREATE TABLE print them; of classes that Spark 4.0 lacks. */
public final class ShownConstraints {
  /** Spark's rule that puts a filter for them before each write. */
  private static final String ENFORCEMENT = "org.apache.spark.sql.catalyst.analysis.ResolveTableConstraints";

  private ShownConstraints() {}

  /**
   * All of them to whoever asks, and none to Spark's own enforcement: see {@link RowChecks} for what it lets pass. Under
   * another name it would do no harm, as rows are checked here all the same.
   */
  public static Constraint[] of(Map<String, String> properties) {
    Map<String, String> checks = CheckConstraints.of(properties);
    if (checks.isEmpty() || Caller.is(ENFORCEMENT)) {
      return new Constraint[0];
    }
    return checks.entrySet().stream().map(check -> shown(check.getKey(), check.getValue())).toArray(Constraint[]::new);
  }

  private static Check shown(String name, String expression) {
    return Constraint.check(name)
        .predicateSql(expression)
        .enforced(true)
        .validationStatus(Constraint.ValidationStatus.VALID)
        .build();
  }
}
