package io.sluice.spark.table;

import io.sluice.spark.write.Deletion;
import io.sluice.spark.write.WriteTarget;
import org.apache.spark.sql.connector.catalog.SupportsDeleteV2;
import org.apache.spark.sql.connector.expressions.filter.Predicate;

/** Spark's {@code SupportsDeleteV2}: rows can be deleted where that takes whole files. */
interface Deletable extends SupportsDeleteV2 {
  /** @throws io.sluice.spark.SluiceException if the table must not be written */
  WriteTarget deletionTarget();

  /** Never false: what cannot be deleted is refused in words that help. */
  @Override
  default boolean canDeleteWhere(Predicate[] predicates) {
    Deletion.where(deletionTarget(), predicates);
    return true;
  }

  @Override
  default void deleteWhere(Predicate[] predicates) {
    Deletion.where(deletionTarget(), predicates).commit();
  }

  @Override
  default boolean truncateTable() {
    Deletion.ofAll(deletionTarget()).commit();
    return true;
  }
}
