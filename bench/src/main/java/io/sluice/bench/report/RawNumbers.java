package io.sluice.bench.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;

/** Every single sample, for whoever wants other statistics. */
final class RawNumbers {
  private RawNumbers() {}

  static String of(Report report) {
    try {
      return new ObjectMapper().writeValueAsString(report) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Cannot write the results as JSON", e);
    }
  }
}
