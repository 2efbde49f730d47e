package io.sluice.spark.write;

import io.sluice.spark.InvalidInputException;
import io.sluice.spark.arrow.BatchLimits;
import io.sluice.spark.error.Unchecked;
import io.sluice.spark.jni.message.AppTransaction;
import io.sluice.spark.jni.message.WriterSettings;
import io.sluice.spark.storage.StorageKeys;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.spark.network.util.JavaUtils;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/** Every knob of a write, in one order: option of the write, then session conf, then table property, then default. */
final class WriteOptions {
  private static final String DELTA_CONF = "spark.databricks.delta.";
  private static final int DEFAULT_BATCH_ROWS = 8192;
  private static final long DEFAULT_BATCH_BYTES = 16L << 20;

  private final CaseInsensitiveStringMap options;
  private final UnaryOperator<String> session;
  private final Map<String, String> table;

  /** @param session the value set for a session conf, or null */
  WriteOptions(CaseInsensitiveStringMap options, UnaryOperator<String> session, Map<String, String> table) {
    this.options = options;
    this.session = session;
    this.table = table;
  }

  BatchLimits batchLimits() {
    Long rows = positive("sluice.batchRows", ours("sluice.batchRows"));
    Long bytes = size("sluice.batchBytes", ours("sluice.batchBytes"));
    return new BatchLimits(
        rows == null ? DEFAULT_BATCH_ROWS : (int) Math.min(rows, Integer.MAX_VALUE),
        bytes == null ? DEFAULT_BATCH_BYTES : bytes);
  }

  WriterSettings writerSettings() {
    return new WriterSettings(
        options.get("compression"),
        session.apply("spark.sql.parquet.compression.codec"),
        size("sluice.rowGroupSize", ours("sluice.rowGroupSize")),
        size("sluice.targetFileSize", first(ours("sluice.targetFileSize"), table.get("delta.targetFileSize"))),
        maxRecordsPerFile(),
        ExecutorCores.of(session));
  }

  String userMetadata() {
    return first(options.get("userMetadata"), session.apply(DELTA_CONF + "commitInfo.userMetadata"));
  }

  /** The application's transaction, or null. The two settings are taken from one place, never mixed. */
  AppTransaction txn() {
    if (options.containsKey("txnAppId") || options.containsKey("txnVersion")) {
      return txn(options.get("txnAppId"), options.get("txnVersion"));
    }
    AppTransaction txn =
        txn(session.apply(DELTA_CONF + "write.txnAppId"), session.apply(DELTA_CONF + "write.txnVersion"));
    if (txn != null && Boolean.parseBoolean(session.apply(DELTA_CONF + "write.txnVersion.autoReset.enabled"))) {
      throw idempotence("set txnAppId and txnVersion as options of the write, as the session's version is not reset");
    }
    return txn;
  }

  /** How to reach storage, as far as this write says so itself. */
  Map<String, String> storage() {
    return StorageKeys.of(options.asCaseSensitiveMap());
  }

  private static AppTransaction txn(String appId, String version) {
    if (appId == null && version == null) {
      return null;
    }
    if (appId == null || version == null) {
      throw idempotence("set both txnAppId and txnVersion, or neither");
    }
    try {
      return new AppTransaction(appId, Long.parseLong(version.trim()));
    } catch (NumberFormatException e) {
      throw idempotence("txnVersion must be a whole number, not " + version);
    }
  }

  private Long maxRecordsPerFile() {
    if (options.containsKey("maxRecordsPerFile")) {
      return positive("maxRecordsPerFile", options.get("maxRecordsPerFile"));
    }
    // Spark's own conf says "no limit" with zero or less.
    Long limit = number("maxRecordsPerFile", session.apply("spark.sql.files.maxRecordsPerFile"));
    return limit == null || limit <= 0 ? null : limit;
  }

  private String ours(String key) {
    return first(options.get(key), session.apply("spark." + key), table.get(key));
  }

  private static String first(String... values) {
    for (String value : values) {
      if (value != null) {
        return value;
      }
    }
    return null;
  }

  private static Long positive(String key, String value) {
    Long number = number(key, value);
    if (number != null && number <= 0) {
      throw invalid(key, value, "a positive whole number");
    }
    return number;
  }

  private static Long number(String key, String value) {
    try {
      return value == null ? null : Long.valueOf(value.trim());
    } catch (NumberFormatException e) {
      throw invalid(key, value, "a whole number");
    }
  }

  /** Bytes, also written as 512k, 128m, 1g. */
  private static Long size(String key, String value) {
    if (value == null) {
      return null;
    }
    try {
      long bytes = JavaUtils.byteStringAsBytes(value);
      if (bytes > 0) {
        return bytes;
      }
    } catch (IllegalArgumentException e) {
      // Answered below, as for zero: the user needs the option's name rather than the parser's words.
    }
    throw invalid(key, value, "a size in bytes, or one such as 64m");
  }

  private static RuntimeException invalid(String key, String value, String wanted) {
    return Unchecked.raise(new InvalidInputException(
        "DELTA_ILLEGAL_DELTA_OPTION",
        "Cannot use the option " + key + ": it must be " + wanted + ", not " + value,
        Map.of("option", key, "value", value), null));
  }

  private static RuntimeException idempotence(String advice) {
    return Unchecked.raise(new InvalidInputException(
        "DELTA_INVALID_IDEMPOTENT_WRITES_OPTIONS", "Cannot make the write idempotent: " + advice, null));
  }
}
