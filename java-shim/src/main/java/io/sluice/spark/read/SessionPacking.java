package io.sluice.spark.read;

import io.sluice.spark.jni.message.ScanPacking;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.internal.SQLConf;

/** How files become partitions in this session: as those of Spark's own file scans do (FilePartition.maxSplitBytes). */
public final class SessionPacking {
  private SessionPacking() {}

  /** @param keys partition columns of which each partition is to have one value */
  public static ScanPacking by(List<String> keys) {
    SQLConf conf = SQLConf.get();
    Object wanted = conf.filesMinPartitionNum().getOrElse(SessionPacking::parallelism);
    return new ScanPacking(conf.filesMaxPartitionBytes(), conf.filesOpenCostInBytes(), ((Number) wanted).longValue(), keys);
  }

  private static Object parallelism() {
    return SparkSession.active().sparkContext().defaultParallelism();
  }
}
