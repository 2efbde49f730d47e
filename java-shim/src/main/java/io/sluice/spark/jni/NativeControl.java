package io.sluice.spark.jni;

import io.sluice.spark.InvalidInputException;
import io.sluice.spark.jni.message.Aggregated;
import io.sluice.spark.jni.message.AlterationBasis;
import io.sluice.spark.jni.message.Commit;
import io.sluice.spark.jni.message.DirectoryListing;
import io.sluice.spark.jni.message.Json;
import io.sluice.spark.jni.message.NamespaceDescription;
import io.sluice.spark.jni.message.ScanAggregate;
import io.sluice.spark.jni.message.ScanRequest;
import io.sluice.spark.jni.message.StorageLocation;
import io.sluice.spark.jni.message.TableDefinition;
import io.sluice.spark.jni.message.TableDescription;
import io.sluice.spark.jni.message.TableDetail;
import io.sluice.spark.jni.message.TablePointer;
import io.sluice.spark.jni.message.TableRef;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Tables and namespaces through native code: one typed method per control request. All are stateless. */
public final class NativeControl {
  private NativeControl() {}

  /**
   * The newest version of the table.
   *
   * @throws TableMissingException if there is no Delta table
   */
  public static TableDescription describeTable(TableRef table) {
    return call(request("describeTable", table), TableDescription.class);
  }

  /**
   * An older version of the table.
   *
   * @throws InvalidInputException with error class DELTA_VERSION_NOT_FOUND if the log does not hold it
   */
  public static TableDescription describeTable(TableRef table, long version) {
    Map<String, Object> request = request("describeTable", table);
    request.put("version", version);
    return call(request, TableDescription.class);
  }

  /**
   * The version that was the newest at a time.
   *
   * @param micros since the epoch
   * @throws InvalidInputException for a time before the first commit or after the last
   */
  public static long versionAt(TableRef table, long micros) {
    Map<String, Object> request = request("versionAt", table);
    request.put("timestamp", micros);
    return call(request, AtVersion.class).version();
  }

  /**
   * Aggregates over the rows of a scan, as far as the log tells them exactly.
   *
   * @param groupBy partition columns; without any there is one row of answers
   */
  public static Aggregated aggregate(ScanRequest scan, List<ScanAggregate> aggregates, List<String> groupBy) {
    Map<String, Object> request = request("aggregate");
    request.putAll(scan.message());
    request.put("aggregates", aggregates.stream().map(ScanAggregate::message).toList());
    request.put("groupBy", groupBy);
    return call(request, Aggregated.class);
  }

  /** The partitions that files of a scan lie in: values as in {@link PackedScan}, floats and binary (hexadecimal) as text. */
  public static List<List<Object>> partitions(ScanRequest scan) {
    Map<String, Object> request = request("partitions");
    request.putAll(scan.message());
    return call(request, Partitions.class).values();
  }

  /**
   * Creates an empty table as version 0.
   *
   * @throws TableExistsException if there is one
   */
  public static void createTable(TableRef table, TableDefinition definition, String engineInfo) {
    Map<String, Object> request = request("createTable", table);
    request.put("schema", definition.schema());
    request.put("partitionColumns", definition.partitionColumns());
    request.put("clusteringColumns", definition.clusteringColumns());
    request.put("properties", definition.properties());
    request.put("constraints", definition.constraints());
    request.put("description", definition.description());
    request.put("managed", definition.managed());
    request.put("engineInfo", engineInfo);
    call(request, Object.class);
  }

  /**
   * Applies changes to the newest version, all in one commit.
   *
   * @param changes see {@code sluice_core::define::alter::Change}
   * @param basis what was looked at before; needed to add a constraint, and to rename, drop or retype a column
   * @return the version they made
   * @throws TableMissingException if there is no Delta table
   * @throws InvalidInputException if Delta does not allow a change
   * @throws ConflictException if the table is not as it was looked at
   */
  public static long alterTable(
      TableRef table, List<Map<String, Object>> changes, AlterationBasis basis, String engineInfo)
      throws InvalidInputException {
    Map<String, Object> request = request("alterTable", table);
    request.put("changes", changes);
    request.put("checked", basis);
    request.put("engineInfo", engineInfo);
    return call(request, Version.class).version();
  }

  /** Deletes the table with its data; false if there was none. */
  public static boolean dropTable(TableRef table) {
    return call(request("dropTable", table), Dropped.class).dropped();
  }

  /** Where the table lies whose name this directory stands for, or null if not elsewhere. */
  public static TablePointer tablePointer(StorageLocation at) {
    return call(request("tablePointer", at), Pointed.class).pointer();
  }

  /**
   * Makes the table's directory stand for a table at another place.
   *
   * @throws TableExistsException if it does so already
   */
  public static void pointTable(TableRef table, TablePointer to) {
    Map<String, Object> request = request("pointTable", table);
    request.put("to", to);
    call(request, Object.class);
  }

  /** Forgets where the table lies, and leaves it there; false if the directory stood for none. */
  public static boolean removePointer(StorageLocation at) {
    return call(request("removePointer", at), Dropped.class).dropped();
  }

  /**
   * Moves a table's directory.
   *
   * @throws TableMissingException if there is no table
   * @throws TableExistsException if there is something at the new place
   * @throws UnsupportedTableException if the storage cannot move directories
   */
  public static void renameTable(TableRef table, StorageLocation to) {
    Map<String, Object> request = request("renameTable", table);
    request.put("to", to.location());
    call(request, Object.class);
  }

  public static DirectoryListing listDirectory(StorageLocation at) {
    return call(request("listDirectory", at), DirectoryListing.class);
  }

  /** @throws TableExistsException if the namespace exists */
  public static void createNamespace(StorageLocation at, Map<String, String> properties) {
    Map<String, Object> request = request("createNamespace", at);
    request.put("properties", properties);
    call(request, Object.class);
  }

  public static NamespaceDescription loadNamespace(StorageLocation at) {
    return call(request("loadNamespace", at), NamespaceDescription.class);
  }

  public static void alterNamespace(StorageLocation at, Map<String, String> set, Set<String> remove) {
    Map<String, Object> request = request("alterNamespace", at);
    request.put("set", set);
    request.put("remove", List.copyOf(remove));
    call(request, Object.class);
  }

  /** @throws InvalidInputException with error class SCHEMA_NOT_EMPTY if it holds something and cascade is off */
  public static boolean dropNamespace(StorageLocation at, boolean cascade) throws InvalidInputException {
    Map<String, Object> request = request("dropNamespace", at);
    request.put("cascade", cascade);
    return call(request, Dropped.class).dropped();
  }

  /**
   * The newest commits first, without those that have been cleaned up.
   *
   * @param limit how many of the newest versions are looked at, or null for all
   */
  public static List<Commit> history(TableRef table, Long limit) {
    Map<String, Object> request = request("history", table);
    request.put("limit", limit);
    return call(request, History.class).commits();
  }

  /** The newest version of the table, and how large it is. */
  public static TableDetail detail(TableRef table) {
    return call(request("detail", table), TableDetail.class);
  }

  /** Waits for checkpoints and other work behind commits; returns what is still pending. */
  public static long awaitMaintenance(long timeoutMillis) {
    Map<String, Object> request = request("awaitMaintenance");
    request.put("timeoutMillis", timeoutMillis);
    return call(request, Maintenance.class).pending();
  }

  public static BuildInfo buildInfo() {
    return call(request("buildInfo"), BuildInfo.class);
  }

  /** Faults for tests; refused unless SLUICE_TEST_SWITCHES=1. */
  public static void testSwitch(String name, String value) {
    Map<String, Object> request = request("testSwitch");
    request.put("name", name);
    request.put("value", value);
    call(request, Object.class);
  }

  /** What the native library was built from. */
  public record BuildInfo(String buildId, String kernel, String arrow, String version) {}

  private record Version(long version) {}

  private record Partitions(List<List<Object>> values) {}

  private record Pointed(TablePointer pointer) {}

  private record Dropped(boolean dropped) {}

  private record AtVersion(long version) {}

  private record History(List<Commit> commits) {}

  private record Maintenance(long pending) {}

  private static Map<String, Object> request(String op, TableRef table) {
    Map<String, Object> request = request(op, table.at());
    request.put("table", table.table());
    return request;
  }

  private static Map<String, Object> request(String op, StorageLocation at) {
    Map<String, Object> request = request(op);
    request.put("location", at.location());
    request.put("storage", at.storage());
    return request;
  }

  private static Map<String, Object> request(String op) {
    Map<String, Object> request = new LinkedHashMap<>();
    request.put("op", op);
    return request;
  }

  private static <T> T call(Map<String, Object> request, Class<T> answer) {
    NativeLibrary.load();
    try {
      return Json.read(Native.control(Json.write(request)), answer);
    } finally {
      NativeLogs.forward();
    }
  }
}
