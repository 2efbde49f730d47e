package io.sluice.bench.cases;

import java.util.List;
import java.util.Optional;

/**
 * What a case has shown.
 *
 * @param reference name of the peer that ratios are taken to
 */
public record CaseResult(String name, String title, String reference, List<PeerResult> peers) {

  public Optional<PeerResult> peer(String name) {
    return peers.stream().filter(peer -> peer.name().equals(name) && peer.measured()).findFirst();
  }
}
