package io.sluice.spark.write;

import io.sluice.spark.jni.message.CommitResult;
import io.sluice.spark.jni.message.TaskMetrics;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;
import org.apache.spark.TaskContext;
import org.apache.spark.executor.OutputMetrics;
import org.apache.spark.sql.connector.metric.CustomMetric;
import org.apache.spark.sql.connector.metric.CustomTaskMetric;

/**
 * What a write shows in the Spark UI. Tasks report rows while they run. Everything else is complete only after a task's
 * last poll, so the driver reports it after the commit: a metric has one reporter, or Spark would add it up twice.
 */
public final class SluiceMetrics {
  private SluiceMetrics() {}

  public static CustomMetric[] supported() {
    return new CustomMetric[] {
      new Rows(), new Bytes(), new Files(), new Partitions(), new ConvertTime(), new CrossTime(), new PartitionTime(),
      new EncodeTime(), new StorageTime(), new CommitTime(), new CommitRetries()
    };
  }

  /** The last two names are Spark's own and feed the task's output metrics. */
  public static CustomTaskMetric[] ofTask(long rows, long bytes) {
    return new CustomTaskMetric[] {
      new Value(Rows.NAME, rows), new Value("recordsWritten", rows), new Value("bytesWritten", bytes)
    };
  }

  /** Sets what Spark cannot poll any more: the last poll comes before the task's commit. */
  public static void setTaskOutput(TaskMetrics finished) {
    TaskContext task = TaskContext.get();
    if (task != null) {
      OutputMetrics output = task.taskMetrics().outputMetrics();
      output.setRecordsWritten(finished.rows());
      output.setBytesWritten(finished.bytes());
    }
  }

  static CustomTaskMetric[] ofCommit(CommitResult result, List<DeltaKernelCommitMessage> tasks) {
    return new CustomTaskMetric[] {
      new Value(Bytes.NAME, result.numOutputBytes()),
      new Value(Files.NAME, result.numFiles()),
      new Value(Partitions.NAME, sum(tasks, task -> task.metrics().partitions())),
      new Value(ConvertTime.NAME, sum(tasks, DeltaKernelCommitMessage::convertNanos)),
      new Value(CrossTime.NAME, sum(tasks, DeltaKernelCommitMessage::crossNanos)),
      new Value(PartitionTime.NAME, sum(tasks, task -> task.metrics().partitionNanos())),
      new Value(EncodeTime.NAME, sum(tasks, task -> task.metrics().encodeNanos())),
      new Value(StorageTime.NAME, sum(tasks, task -> task.metrics().storageNanos())),
      new Value(CommitTime.NAME, TimeUnit.MILLISECONDS.toNanos(result.commitMillis())),
      new Value(CommitRetries.NAME, Math.max(0, result.attempts() - 1))
    };
  }

  private static long sum(List<DeltaKernelCommitMessage> tasks, ToLongFunction<DeltaKernelCommitMessage> value) {
    return tasks.stream().filter(Objects::nonNull).mapToLong(value).sum();
  }

  private record Value(String name, long value) implements CustomTaskMetric {}

  /** Spark creates a metric again by class name in its history server, hence the public constructors below. */
  private abstract static class Total implements CustomMetric {
    private final String name;
    private final String description;

    Total(String name, String description) {
      this.name = name;
      this.description = description;
    }

    @Override
    public final String name() {
      return name;
    }

    @Override
    public final String description() {
      return description;
    }

    @Override
    public final String aggregateTaskMetrics(long[] values) {
      return show(Arrays.stream(values).sum());
    }

    String show(long total) {
      return String.format(Locale.ROOT, "%,d", total);
    }
  }

  private abstract static class Time extends Total {
    Time(String name, String description) {
      super(name, description);
    }

    @Override
    final String show(long nanos) {
      return String.format(Locale.ROOT, "%,d ms", TimeUnit.NANOSECONDS.toMillis(nanos));
    }
  }

  public static final class Rows extends Total {
    static final String NAME = "numOutputRows";

    public Rows() {
      super(NAME, "number of written rows");
    }
  }

  public static final class Bytes extends Total {
    static final String NAME = "numOutputBytes";

    public Bytes() {
      super(NAME, "bytes of written files");
    }
  }

  public static final class Files extends Total {
    static final String NAME = "numFiles";

    public Files() {
      super(NAME, "number of written files");
    }
  }

  public static final class Partitions extends Total {
    static final String NAME = "numPartitions";

    public Partitions() {
      super(NAME, "partitions written, summed over tasks");
    }
  }

  public static final class ConvertTime extends Time {
    static final String NAME = "convertTime";

    public ConvertTime() {
      super(NAME, "time in rows to Arrow (sampled)");
    }
  }

  public static final class CrossTime extends Time {
    static final String NAME = "crossTime";

    public CrossTime() {
      super(NAME, "time between Java and native code");
    }
  }

  public static final class PartitionTime extends Time {
    static final String NAME = "partitionTime";

    public PartitionTime() {
      super(NAME, "time in splitting rows by partition");
    }
  }

  public static final class EncodeTime extends Time {
    static final String NAME = "encodeTime";

    public EncodeTime() {
      super(NAME, "time in Parquet encoding");
    }
  }

  public static final class StorageTime extends Time {
    static final String NAME = "storageTime";

    public StorageTime() {
      super(NAME, "time waiting for storage");
    }
  }

  public static final class CommitTime extends Time {
    static final String NAME = "commitTime";

    public CommitTime() {
      super(NAME, "time in commit");
    }
  }

  public static final class CommitRetries extends Total {
    static final String NAME = "commitRetries";

    public CommitRetries() {
      super(NAME, "commits repeated after a conflict");
    }
  }
}
