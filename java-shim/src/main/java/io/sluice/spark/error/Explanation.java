package io.sluice.spark.error;

import java.io.Serializable;
import java.util.Map;
import java.util.TreeMap;
import scala.jdk.javaapi.CollectionConverters;

/**
 * What a failure says of itself, whichever exception carries it.
 *
 * @param condition the error condition, Delta's own name where Delta has one
 * @param text a sentence that begins with "Cannot"
 * @param parameters what the sentence names, by what it is: {@code option}, {@code table}; the sentence itself is
 *     {@code message}
 */
public record Explanation(String condition, String text, Map<String, String> parameters) implements Serializable {
  private static final long serialVersionUID = 1L;

  /** What {@link #text} is in parts, for those who format errors themselves. */
  public static final String TEMPLATE = "<message>";

  /** @param message a sentence that begins with "Cannot", with or without the condition before it */
  public static Explanation of(String condition, String message, Map<String, String> named) {
    String prefix = "[" + condition + "] ";
    String text = message.startsWith(prefix) ? message.substring(prefix.length()) : message;
    Map<String, String> parameters = new TreeMap<>(named);
    parameters.put("message", text);
    return new Explanation(condition, text, parameters);
  }

  /** The text with its condition before it, as users see it. */
  public String message() {
    return "[" + condition + "] " + text;
  }

  /** Delta's own for Delta's conditions (ISO/IEC 9075-2, clause 24). */
  public String sqlState() {
    return SqlStates.of(condition);
  }

  /** As Spark's constructors take them. */
  public scala.collection.immutable.Map<String, String> scalaParameters() {
    return scala.collection.immutable.Map.from(CollectionConverters.asScala(parameters));
  }
}
