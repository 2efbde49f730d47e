package io.sluice.spark.jni;

import io.sluice.spark.jni.message.Json;
import com.fasterxml.jackson.databind.JsonNode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** Hands what native code has logged to Spark's log, under {@code io.sluice.native.<target>}. */
final class NativeLogs {
  private static final Logger LOG = LoggerFactory.getLogger(NativeLogs.class);

  private NativeLogs() {}

  /** Never throws: a log line must not turn a commit that landed into a failure. */
  static void forward() {
    try {
      for (JsonNode entry : Json.tree(Native.drainLogs())) {
        logger(entry.path("target").asText())
            .atLevel(level(entry.path("level").asText()))
            .log(entry.path("message").asText());
      }
    } catch (RuntimeException | LinkageError e) {
      LOG.warn("Native log entries are lost", e);
    }
  }

  private static Logger logger(String target) {
    return LoggerFactory.getLogger("io.sluice.native." + target.replace("::", "."));
  }

  private static Level level(String name) {
    return switch (name) {
      case "ERROR" -> Level.ERROR;
      case "WARN" -> Level.WARN;
      case "INFO" -> Level.INFO;
      case "DEBUG" -> Level.DEBUG;
      default -> Level.TRACE;
    };
  }
}
