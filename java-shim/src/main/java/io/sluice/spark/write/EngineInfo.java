package io.sluice.spark.write;

import io.sluice.spark.jni.BuildProperties;
import org.apache.spark.sql.SparkSession;

/** Who writes, as the table's history shows it. */
public final class EngineInfo {
  private EngineInfo() {}

  public static String current() {
    return "Apache-Spark/" + SparkSession.active().version() + " Sluice/" + BuildProperties.current().version();
  }
}
