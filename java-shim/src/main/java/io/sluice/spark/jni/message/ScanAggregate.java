package io.sluice.spark.jni.message;

import java.util.Map;

/** An aggregate over all rows of a scan. */
public sealed interface ScanAggregate {
  /** What goes to native code. */
  Object message();

  record CountRows() implements ScanAggregate {
    @Override
    public Object message() {
      return "countRows";
    }
  }

  /** Values that are not null. */
  record Count(String column) implements ScanAggregate {
    @Override
    public Object message() {
      return Map.of("count", column);
    }
  }

  record Min(String column) implements ScanAggregate {
    @Override
    public Object message() {
      return Map.of("min", column);
    }
  }

  record Max(String column) implements ScanAggregate {
    @Override
    public Object message() {
      return Map.of("max", column);
    }
  }
}
