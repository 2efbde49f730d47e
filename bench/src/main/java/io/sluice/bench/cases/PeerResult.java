package io.sluice.bench.cases;

import io.sluice.bench.measure.Sample;
import io.sluice.bench.measure.Summary;
import java.util.List;
import java.util.Map;

/**
 * One peer in one case.
 *
 * @param output the files of one append, or null
 * @param stages milliseconds by stage of each append, where the peer tells
 * @param failure why it was left out, or null
 */
public record PeerResult(String name, String label, List<Sample> samples, Output output,
    List<Map<String, Double>> stages, String failure) {

  public boolean measured() {
    return failure == null && !samples.isEmpty();
  }

  public Summary millis() {
    return Summary.ofMillis(samples);
  }
}
