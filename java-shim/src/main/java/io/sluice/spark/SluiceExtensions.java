package io.sluice.spark;

import io.sluice.spark.columnar.ColumnarAppends;
import io.sluice.spark.parser.DeltaStatements;
import io.sluice.spark.parser.SluiceParser;
import io.sluice.spark.table.PaddedDeletes;
import org.apache.spark.sql.SparkSessionExtensions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Function1;
import scala.runtime.BoxedUnit;

/**
 * What {@code spark.sql.extensions} names, alone or beside other extensions. Columnar input: a write of ours takes
 * the batches of a vectorized scan as they are, without conversion to rows; {@code spark.sluice.columnar.enabled=false} turns
 * that off in a session. DELETE FROM tables with CHAR columns. And Delta's DESCRIBE HISTORY and DESCRIBE DETAIL. Optional, and without effect where Spark's internals differ.
 */
public final class SluiceExtensions implements Function1<SparkSessionExtensions, BoxedUnit> {
  private static final Logger LOG = LoggerFactory.getLogger(SluiceExtensions.class);

  @Override
  public BoxedUnit apply(SparkSessionExtensions extensions) {
    try {
      extensions.injectColumnar(session -> new ColumnarAppends());
    } catch (LinkageError otherSpark) {
      LOG.warn("Columnar input does not load with this version of Spark; rows are written instead", otherSpark);
    }
    extensions.injectPostHocResolutionRule(session -> new PaddedDeletes());
    extensions.injectParser((session, delegate) -> SluiceParser.of(session, delegate, SluiceCatalog.class));
    extensions.injectResolutionRule(session -> new DeltaStatements());
    return BoxedUnit.UNIT;
  }
}
