package io.sluice.spark.jni;

import io.sluice.spark.InternalException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;

/**
 * What this jar was built from, read from {@code sluice-build.properties}.
 *
 * @param buildId the build id its native library must have, or {@code dev} for any
 */
public record BuildProperties(String version, String buildId) {
  private static final String RESOURCE = "/sluice-build.properties";
  private static final String ANY = "dev";
  private static final BuildProperties CURRENT = read();

  public static BuildProperties current() {
    return CURRENT;
  }

  boolean accepts(String nativeBuildId) {
    return buildId.equals(ANY) || buildId.equals(nativeBuildId);
  }

  private static BuildProperties read() {
    Properties properties = new Properties();
    try (InputStream in = BuildProperties.class.getResourceAsStream(RESOURCE)) {
      if (in != null) {
        properties.load(in);
      }
    } catch (IOException e) {
      throw new InternalException("SLUICE_BUILD_PROPERTIES", "Cannot read " + RESOURCE, e);
    }
    return new BuildProperties(
        properties.getProperty("version", ANY), properties.getProperty("buildId", ANY));
  }
}
