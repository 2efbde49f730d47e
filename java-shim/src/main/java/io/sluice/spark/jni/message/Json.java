package io.sluice.spark.jni.message;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sluice.spark.InternalException;
import java.io.IOException;

/** Control messages to and from UTF-8 JSON. Fields an older side does not know are ignored. */
public final class Json {
  private static final ObjectMapper MAPPER =
      new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  private Json() {}

  public static byte[] write(Object message) {
    try {
      return MAPPER.writeValueAsBytes(message);
    } catch (JsonProcessingException e) {
      // Only the location is kept: the message may hold credentials.
      throw unreadable("request", e);
    }
  }

  public static <T> T read(byte[] json, Class<T> type) {
    try {
      return MAPPER.readValue(json, type);
    } catch (IOException e) {
      throw unreadable("answer", e);
    }
  }

  public static <T> T read(byte[] json, TypeReference<T> type) {
    try {
      return MAPPER.readValue(json, type);
    } catch (IOException e) {
      throw unreadable("answer", e);
    }
  }

  public static JsonNode tree(byte[] json) {
    return read(json, JsonNode.class);
  }

  private static InternalException unreadable(String what, IOException e) {
    return new InternalException("SLUICE_CONTROL_MESSAGE", "Cannot read or write a native " + what, e);
  }
}
