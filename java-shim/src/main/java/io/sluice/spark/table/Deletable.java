package io.sluice.spark.table;

import io.sluice.spark.InvalidInputException;
import io.sluice.spark.RejectedChangeException;
import io.sluice.spark.SluiceThrowable;
import io.sluice.spark.write.Deletion;
import io.sluice.spark.write.WriteTarget;
import org.apache.spark.sql.connector.catalog.SupportsDeleteV2;
import org.apache.spark.sql.connector.expressions.filter.Predicate;

/** Spark's {@code SupportsDeleteV2}: rows can be deleted where that takes whole files. */
interface Deletable extends SupportsDeleteV2 {
  /** @throws io.sluice.spark.SluiceThrowable if the table must not be written */
  WriteTarget deletionTarget();

  @Override
  default boolean canDeleteWhere(Predicate[] predicates) {
    return Deletion.isPossible(deletionTarget(), predicates);
  }

  /** @throws RejectedChangeException for predicates that {@link #canDeleteWhere} denies */
  @Override
  default void deleteWhere(Predicate[] predicates) {
    Deletion deletion;
    try {
      deletion = Deletion.where(deletionTarget(), predicates);
    } catch (InvalidInputException e) {
      throw new RejectedChangeException(e.getCondition(), e.getMessage(), e);
    }
    deletion.commit();
  }

  @Override
  default boolean truncateTable() {
    Deletion.ofAll(deletionTarget()).commit();
    return true;
  }
}
