package io.atoll.daemon.peers;

import io.atoll.client.api.TraceStep;
import io.atoll.client.api.TraceView;
import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.p2p.host.HostConfig;
import io.atoll.p2p.host.NetworkHost;
import io.atoll.p2p.host.P2p;
import io.atoll.p2p.host.Stack;
import io.atoll.p2p.relay.CircuitTransport;
import io.atoll.p2p.swarm.AddressFilter;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Tries the addresses of a peer one after the other, under an identity that is used once: what
/// this node is connected to stays as it is.
final class Tracer {
  private static final Duration DIAL = Duration.ofSeconds(5);
  private static final int MOST = 10;

  private final AddressFilter filter;
  private final Stack stack;

  /// @param stack that of this node: no other is understood in a private network
  Tracer(AddressFilter filter, Stack stack) {
    this.filter = filter;
    this.stack = stack;
  }

  TraceView trace(PeerId peer, List<String> addresses) throws InterruptedException {
    List<TraceStep> steps = new ArrayList<>();
    for (String address : addresses.stream().distinct().limit(MOST).toList()) {
      steps.add(step(peer, address));
    }
    return new TraceView(peer, steps);
  }

  private TraceStep step(PeerId peer, String address) throws InterruptedException {
    Multiaddr parsed = Multiaddr.parse(address);
    String transport = Ways.relayed(parsed) ? "relay" : Ways.transport(parsed);
    @Nullable Double dialled = null;
    try (NetworkHost host =
        P2p.start(
            HostConfig.of(Identity.generate(), List.of()).withAddresses(filter).withStack(stack))) {
      CircuitTransport.attach(host);
      long begun = System.nanoTime();
      host.connect(peer, List.of(address), DIAL);
      dialled = (System.nanoTime() - begun) / 1e6;
      double trip = LiveNetwork.millis(host.ping(peer));
      return new TraceStep(address, transport, true, dialled, trip, "");
    } catch (IOException e) {
      return new TraceStep(
          address, transport, dialled != null, dialled, null, String.valueOf(e.getMessage()));
    }
  }
}
