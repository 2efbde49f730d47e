package io.sluice.bench.cases;

import io.sluice.bench.measure.Sample;
import io.sluice.bench.peer.Peer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Peers side by side: each round gives every peer one turn, so that a slow minute of the machine hits all of them, and each
 * round begins with another peer. A peer that fails is left out from there on, and its reason is kept.
 */
final class Contest {
  private final List<Entry> entries;

  Contest(List<Peer> peers) {
    entries = peers.stream().map(Entry::new).toList();
  }

  /** One peer's turn in a round; round 0 warms up and must not add samples. */
  @FunctionalInterface
  interface Turn {
    void take(Entry entry, int round);
  }

  void play(int timedRounds, Turn turn) {
    for (int round = 0; round <= timedRounds; round++) {
      for (int i = 0; i < entries.size(); i++) {
        entries.get((i + round) % entries.size()).take(turn, round);
      }
    }
  }

  List<PeerResult> results() {
    return entries.stream().map(Entry::result).toList();
  }

  /** What is known of one peer so far. */
  static final class Entry {
    private final Peer peer;
    private final List<Sample> samples = new ArrayList<>();
    private final List<Map<String, Double>> stages = new ArrayList<>();
    private Output output;
    private String failure;

    Entry(Peer peer) {
      this.peer = peer;
    }

    Peer peer() {
      return peer;
    }

    void add(Sample sample) {
      samples.add(sample);
    }

    void add(List<Map<String, Double>> stages) {
      this.stages.addAll(stages);
    }

    void setOutput(Output output) {
      this.output = output;
    }

    private void take(Turn turn, int round) {
      if (failure == null) {
        try {
          turn.take(this, round);
        } catch (Exception | LinkageError e) { // Spark's Scala code throws checked exceptions without declaring them
          failure = firstLine(e);
          System.err.printf("%s is left out: %s%n", peer.label(), failure);
        }
      }
    }

    private PeerResult result() {
      return new PeerResult(peer.name(), peer.label(), List.copyOf(samples), output, List.copyOf(stages), failure);
    }

    private static String firstLine(Throwable error) {
      return error.toString().lines().findFirst().orElse("");
    }
  }
}
