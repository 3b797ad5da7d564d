package io.atoll.p2p.holepunch;

import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.p2p.host.HostConfig;
import io.atoll.p2p.host.NetworkHost;
import io.atoll.p2p.host.P2p;
import io.atoll.p2p.reach.ReachPolicy;
import io.atoll.p2p.relay.CircuitTransport;
import io.atoll.p2p.relay.RelayLimits;
import io.atoll.p2p.relay.RelayService;
import io.atoll.p2p.transport.Connection;
import java.time.Duration;
import java.util.List;

/// One peer of [NatTest], in a network namespace and a process of its own. It prints what it is,
/// and ends when its input ends.
///
/// ```
/// relay LISTEN          → its address
/// listen LISTEN RELAY   → its address at the relay
/// dial LISTEN RELAY PEER → "relayed ADDRESS", then "direct ADDRESS ROLE" when there is such a way
/// ```
final class NatPeer {
  private static final Duration TIMEOUT = Duration.ofSeconds(15);

  private NatPeer() {}

  public static void main(String[] args) throws Exception {
    Identity identity = Identity.generate();
    try (NetworkHost host = P2p.start(HostConfig.of(identity, List.of(args[1])))) {
      CircuitTransport.attach(host);
      switch (args[0]) {
        case "relay" -> {
          RelayService.start(host, identity, RelayLimits.defaults());
          System.out.println(host.listening().getFirst());
        }
        case "listen" -> {
          HolePunch.start(host, PunchPolicy.of(ReachPolicy.defaults()::dialable));
          Multiaddr place = Multiaddr.parse(args[2] + "/p2p-circuit");
          host.swarm().listen(place);
          System.out.println(place + "/p2p/" + host.id());
        }
        default -> dial(host, args[2], args[3]);
      }
      while (System.in.read() >= 0) {
        // It lives as long as the test.
      }
    }
  }

  private static void dial(NetworkHost host, String relay, String address) throws Exception {
    HolePunch.start(host, PunchPolicy.of(ReachPolicy.defaults()::dialable));
    host.connect(
        PeerId.parse(Multiaddr.parse(relay).peer().orElseThrow()), List.of(relay), TIMEOUT);
    PeerId peer = PeerId.parse(Multiaddr.parse(address).peer().orElseThrow());
    host.connect(peer, List.of(address), TIMEOUT);
    System.out.println("relayed " + host.swarm().connection(peer).orElseThrow().remoteAddress());
    for (int i = 0; i < 300; i++) {
      Connection now = host.swarm().connection(peer).orElseThrow();
      if (!now.limited()) {
        System.out.println("direct " + now.remoteAddress() + " " + now.role());
        host.ping(peer);
        System.out.println("pinged");
        return;
      }
      Thread.sleep(100);
    }
    System.out.println("no direct way");
  }
}
