package io.sluice.spark.table;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import org.apache.spark.sql.connector.catalog.TableCatalogCapability;

/**
 * The capability of constraints that Spark 4.1 has. It asks for one and the same, whether ALTER TABLE adds a constraint
 * or CREATE TABLE has one; but of those in CREATE OR REPLACE TABLE it tells a catalog like ours nothing, so that they would be lost.
 * Hence the capability is there for those who ask about a change, and Spark refuses the rest in its own words.
 */
public final class ConstraintCapability {
  private static final String CAPABILITY = "SUPPORT_TABLE_CONSTRAINT";
  /** Of Spark's {@code ResolveTableConstraints}; were it called otherwise, Spark would refuse changes, too. */
  private static final String ASKS_ABOUT_CHANGES = "validateCatalogForTableChange";

  private ConstraintCapability() {}

  /** These capabilities, and that of constraints where Spark knows it and asks about a change of a table. */
  public static Set<TableCatalogCapability> beside(Set<TableCatalogCapability> capabilities) {
    Set<TableCatalogCapability> all = EnumSet.noneOf(TableCatalogCapability.class);
    all.addAll(capabilities);
    Arrays.stream(TableCatalogCapability.values())
        .filter(known -> known.name().equals(CAPABILITY) && isAskedAboutChanges())
        .forEach(all::add);
    return all;
  }

  private static boolean isAskedAboutChanges() {
    return StackWalker.getInstance().walk(
        frames -> frames.anyMatch(frame -> frame.getMethodName().equals(ASKS_ABOUT_CHANGES)));
  }
}
