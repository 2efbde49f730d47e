package io.sluice.spark.write;

import io.sluice.spark.InvalidInputException;
import io.sluice.spark.SluiceThrowable;
import io.sluice.spark.jni.Maintenance;
import io.sluice.spark.jni.TransactionHandle;
import io.sluice.spark.jni.message.CommitResult;
import io.sluice.spark.jni.message.Overwrite;
import io.sluice.spark.jni.message.TransactionRequest;
import io.sluice.spark.jni.message.WriterSettings;
import io.sluice.spark.read.CharColumns;
import io.sluice.spark.read.StatementReads;
import java.util.Arrays;
import org.apache.spark.sql.connector.expressions.filter.Predicate;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/**
 * DELETE FROM and TRUNCATE TABLE, where whole files go: a commit without a job. Where none is to go, there is no commit.
 *
 * @param overwrite the rows that go
 */
public record Deletion(WriteTarget target, Overwrite overwrite) {
  public static Deletion ofAll(WriteTarget target) {
    return new Deletion(target, deletions(target).matching(new Predicate[0]));
  }

  /** @throws InvalidInputException if it is not {@link #isPossible} */
  public static Deletion where(WriteTarget target, Predicate[] predicates) throws InvalidInputException {
    return new Deletion(target, deletions(target).matching(predicates));
  }

  /** Whether partition values decide the predicates. Those of CHAR columns may be stored without their spaces: rows decide them. */
  public static boolean isPossible(WriteTarget target, Predicate[] predicates) {
    CharColumns chars = new CharColumns(target.columns());
    return Arrays.stream(predicates).noneMatch(chars::concern) && deletions(target).decides(predicates);
  }

  private static Overwrites deletions(WriteTarget target) {
    return new Overwrites(Overwrite.Operation.DELETE, target, CaseInsensitiveStringMap.empty());
  }

  /** @throws io.sluice.spark.SluiceThrowable if the table cannot be written, or another writer came between */
  public void commit() {
    target.requireWritable();
    Maintenance.awaitAtExit();
    TransactionRequest request = new TransactionRequest(
        target.table(), EngineInfo.current(), null, null, target.constraints(), null, overwrite, null, WriterSettings.DEFAULT);
    try (TransactionHandle transaction = TransactionHandle.open(request)) {
      CommitResult result = transaction.commit(new byte[0][]);
      if (result.attempts() > 0) {
        StatementReads.committed(target.table().at().location(), result.version());
      }
    }
  }
}
