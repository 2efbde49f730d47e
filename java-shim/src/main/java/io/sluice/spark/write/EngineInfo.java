package io.sluice.spark.write;

import io.sluice.spark.jni.BuildProperties;


/** Who writes, as the table's history shows it. */
public final class EngineInfo {
  private EngineInfo() {}

  public static String current() {
    return "Apache-Spark/" + org.apache.spark.package$.MODULE$.SPARK_VERSION()
        + " Sluice/" + BuildProperties.current().version();
  }
}
