package io.sluice.spark.read;

import io.sluice.spark.jni.message.ScanRequest;
import io.sluice.spark.jni.message.TableRead;
import io.sluice.spark.session.Execution;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the statements under way have read of tables, so that all scans of a statement see one version of a table, and a
 * write to one of these knows that it is no blind append.
 * Spark tells a write nothing of its query; but both are planned by one thread, in one execution.
 */
public final class StatementReads {
  /** Spark's class, whose package differs between versions. */
  private static final String OF_STREAMS = "IncrementalExecution";
  /** Statements remembered: those planned last. Ends of statements are told to nobody here. */
  private static final int KEPT = 1000;

  /** By execution and location. */
  private static final Map<String, Map<String, List<TableRead>>> READS = new LinkedHashMap<>() {
    private static final long serialVersionUID = 1L;

    @Override
    protected boolean removeEldestEntry(Map.Entry<String, Map<String, List<TableRead>>> eldest) {
      return size() > KEPT;
    }
  };

  private StatementReads() {}

  /** Versions by execution and table. */
  private static final Map<String, Map<String, Long>> VERSIONS = new LinkedHashMap<>() {
    private static final long serialVersionUID = 1L;

    @Override
    protected boolean removeEldestEntry(Map.Entry<String, Map<String, Long>> eldest) {
      return size() > KEPT;
    }
  };

  /**
   * The version at which this thread's statement reads a table: that of its first scan of it, null before that. A batch of a
   * stream is no statement but runs those of the user.
   */
  public static Long versionOf(ReadTarget table) {
    synchronized (READS) {
      return isOfStream() ? null : VERSIONS.getOrDefault(String.valueOf(execution()), Map.of()).get(table.identity());
    }
  }

  /** Has this thread's statements read the newest versions again: they have changed a table. */
  public static void forgetVersions() {
    synchronized (READS) {
      VERSIONS.remove(String.valueOf(execution()));
      Execution.rootId().ifPresent(VERSIONS::remove);
    }
  }

  /** Notes the version of a scan, unless the user has chosen it. */
  public static void noteVersion(ReadTarget table, long version) {
    String execution = execution();
    if (execution == null || table.version() != null) {
      return;
    }
    synchronized (READS) {
      VERSIONS.computeIfAbsent(execution, id -> new HashMap<>()).putIfAbsent(table.identity(), version);
    }
  }

  /** Notes a scan, unless it is of a version that the user has chosen. */
  public static void note(ReadTarget table, ScanRequest scan, long version) {
    noteVersion(table, version);
    String execution = execution();
    if (execution == null || table.version() != null) {
      return;
    }
    synchronized (READS) {
      READS.computeIfAbsent(execution, id -> new LinkedHashMap<>())
          .computeIfAbsent(key(scan.table().at().location()), location -> new ArrayList<>())
          .add(new TableRead(version, scan.exactFilters(), scan.session()));
    }
  }

  /** What this thread's statement has read of the table at a location. */
  public static List<TableRead> of(String location) {
    synchronized (READS) {
      return List.copyOf(READS.getOrDefault(String.valueOf(execution()), Map.of()).getOrDefault(key(location), List.of()));
    }
  }

  /**
   * Notes a commit of this thread's statement. One that writes a table twice, as a multi-insert does, does not stand in its
   * own way.
   */
  public static void committed(String location, long version) {
    synchronized (READS) {
      // What reads the table from here on, as a cache that is filled anew, is to see what was written.
      forgetVersions();
      List<TableRead> noted = READS.getOrDefault(String.valueOf(execution()), Map.of()).get(key(location));
      if (noted != null) {
        noted.replaceAll(read -> read.version() == version - 1 ? read.at(version) : read);
      }
    }
  }

  private static String key(String location) {
    return location.endsWith("/") ? location : location + "/";
  }

  /** Null outside of executions. */
  private static String execution() {
    return Execution.current().map(Execution::id).orElse(null);
  }

  private static boolean isOfStream() {
    return Execution.current()
        .filter(execution -> execution.query().getClass().getSimpleName().equals(OF_STREAMS))
        .isPresent();
  }
}
