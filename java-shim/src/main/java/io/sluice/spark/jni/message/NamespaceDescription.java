package io.sluice.spark.jni.message;

import java.util.Map;

/** A namespace's properties, or that there is none. */
public record NamespaceDescription(boolean exists, Map<String, String> properties) {
  public static final NamespaceDescription MISSING = new NamespaceDescription(false, Map.of());

  public NamespaceDescription {
    properties = properties == null ? Map.of() : properties;
  }
}
