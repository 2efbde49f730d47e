package io.sluice.spark.rows;

import io.sluice.spark.arrow.BatchLimits;
import io.sluice.spark.jni.ResolvedChange;
import io.sluice.spark.write.DeltaKernelCommitMessage;
import io.sluice.spark.write.WritePlans;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import scala.reflect.ClassTag$;
import scala.runtime.BoxedUnit;

/**
 * The job that copies rows: those that stay in files which are written anew, and those that go to change files. It runs between the
 * statement's own job and the commit.
 */
final class Copying {
  private Copying() {}

  /** What its tasks wrote; fails as the job does. */
  static List<DeltaKernelCommitMessage> run(ResolvedChange change, WritePlans plans, BatchLimits limits) {
    List<CopyTask.Share> shares =
        Stream.concat(shares(change.staying(), plans.rows()), shares(change.going(), plans.changes())).toList();
    List<DeltaKernelCommitMessage> written = new ArrayList<>();
    if (!shares.isEmpty()) {
      SparkContext context = SparkSession.active().sparkContext();
      var partitions = new JavaSparkContext(context).parallelize(shares, shares.size()).rdd();
      context.runJob(partitions, new CopyTask(limits), (index, task) -> {
        written.add(task);
        return BoxedUnit.UNIT;
      }, ClassTag$.MODULE$.apply(DeltaKernelCommitMessage.class));
    }
    return written;
  }

  private static Stream<CopyTask.Share> shares(ResolvedChange.Copies copies, byte[] to) {
    return copies.slices().stream().map(slices -> new CopyTask.Share(copies.plan(), slices, to));
  }
}
