package io.atoll.p2p;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.testing.Layering;
import io.atoll.core.testing.Layering.Rule;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class LayeringTest {
  private static final String P2P = "io.atoll.p2p.";

  @Test
  void arrowsPointDown() throws Exception {
    List<Rule> rules =
        List.of(
            rule("negotiate", "transport", "it works on any two streams of bytes"),
            rule("negotiate", "host", "hosts are built from it"),
            rule("ping", "host", "a protocol needs a stream, not a host"),
            rule("ping", "transport", "a protocol needs a stream, not a connection"),
            rule("identify", "host", "a protocol needs a stream, not a host"),
            rule("identify", "transport", "a protocol needs a stream, not a connection"),
            rule("record", "transport", "what a peer signed is the same over any connection"),
            rule("record", "peer", "what is signed does not know who keeps it"),
            rule("peer", "transport", "what is known of a peer needs no connection"),
            rule("peer", "host", "hosts fill the store"),
            rule("peer", "swarm", "what is known of a peer needs no connection"),
            rule("host", "holepunch", "it works on hosts"),
            rule("relay", "holepunch", "a circuit does not know that it is given up"),
            rule("host", "reach", "it asks and answers over hosts"),
            rule("reach", "relay", "whether a node can be dialled is found without relays"),
            rule("host", "relay", "relays are built on hosts"),
            rule("relay", "security", "circuits are upgraded as the host upgrades wires"),
            rule("relay", "muxer", "circuits are upgraded as the host upgrades wires"),
            rule("relay", "transport.tcp", "a circuit is made of streams"),
            rule("transfer", "swarm", "a protocol needs a host, not its connections"),
            rule("transfer", "muxer", "a protocol needs a stream, whatever carries it"),
            rule("transfer", "chat", "two protocols that know nothing of each other"),
            rule("chat", "swarm", "a protocol needs a host, not its connections"),
            rule("chat", "muxer", "a protocol needs a stream, whatever carries it"),
            rule("security", "muxer", "what is secured does not know what is muxed in it"),
            rule("security", "upgrade", "it is a part of the upgrade"),
            rule("security", "swarm", "one channel does not know of others"),
            rule("muxer", "security", "it runs on any wire"),
            rule("muxer", "upgrade", "it is a part of the upgrade"),
            rule("muxer", "swarm", "one session does not know of others"),
            rule("muxer", "negotiate", "streams are agreed on above"),
            rule("perf", "host", "a protocol needs a stream, not a host"),
            rule("perf", "transport", "a protocol needs a stream, not a connection"),
            rule("pnet", "upgrade", "it is a part of the upgrade"),
            rule("pnet", "security", "it lies below, and does not know what is secured in it"),
            rule("upgrade", "security.noise", "which security there is, the host decides"),
            rule("upgrade", "security.tls", "which security there is, the host decides"),
            rule("upgrade", "muxer.yamux", "which muxer there is, the host decides"),
            rule("upgrade", "transport.tcp", "it upgrades the wires of any transport"),
            rule("transport", "swarm", "one connection does not know of others"),
            rule("transport", "host", "hosts are built from transports"),
            rule("swarm", "host", "hosts are built on a swarm"),
            rule("transport.tcp", "transport.ws", "what lies on top of it is handed in"),
            rule("udp", "transport", "it carries packets of several kinds, and knows none"),
            rule("upgrade", "transport.quic", "what QUIC carries needs no upgrade"),
            rule("transport.quic", "upgrade", "what QUIC carries needs no upgrade"),
            rule("transport.quic", "muxer", "its streams are QUIC's own"),
            rule("swarm", "transport.quic", "it knows transports by their interface"),
            rule("swarm", "transport.ws", "it knows transports by their interface"),
            rule("swarm", "transport.tcp", "it knows transports by their interface"),
            rule("swarm", "security", "what a connection is made of is its transport's affair"),
            rule("swarm", "muxer", "what a connection is made of is its transport's affair"),
            rule("swarm", "negotiate", "protocols are agreed on above"),
            rule("kad.machine", "host", "what is simulated knows no network"),
            rule("kad.machine", "transport", "what is simulated knows no network"),
            rule("gossip.machine", "host", "what is simulated knows no network"),
            rule("gossip.machine", "transport", "what is simulated knows no network"),
            pure("kad.machine", "java.lang.Thread", "it has no threads"),
            pure("kad.machine", "java.util.concurrent", "it is used by one thread at a time"),
            pure("kad.machine", "java.time.Clock", "time comes with each event"),
            pure("kad.machine", "java.net", "it has no sockets"),
            pure("kad.machine", "java.security.SecureRandom", "chance is handed to it"),
            pure("gossip.machine", "java.lang.Thread", "it has no threads"),
            pure("gossip.machine", "java.util.concurrent", "it is used by one thread at a time"),
            pure("gossip.machine", "java.time.Clock", "time comes with each event"),
            pure("gossip.machine", "java.net", "it has no sockets"),
            pure("gossip.machine", "java.security.SecureRandom", "chance is handed to it"),
            rule("mdns", "host", "it needs a name and addresses, not a host"),
            rule("mdns", "transport", "what it finds, others dial"),
            rule("mdns", "peer", "what it finds, others keep"),
            rule("portmap", "host", "it maps ports, whoever listens there"),
            rule("portmap", "transport", "it maps ports, whoever listens there"),
            rule("portmap", "mdns", "each works without the other"),
            rule("latency", "host", "round trips are handed to it"),
            rule("latency", "transport", "round trips are handed to it"),
            rule("filter", "host", "what is known of a peer is handed to it"),
            rule("filter", "transport", "what is known of a peer is handed to it"),
            pure("latency", "java.lang.Thread", "it has no threads"),
            pure("latency", "java.time.Clock", "time comes with each question"),
            pure("latency", "java.net.Socket", "it has no sockets"),
            pure("filter", "java.lang.Thread", "it has no threads"),
            pure("filter", "java.time.Instant", "a filter does not know what time it is"),
            rule("kad", "gossip", "each works without the other"),
            rule("gossip", "kad", "each works without the other"));
    assertThat(Layering.violations(Path.of("target/classes"), rules)).isEmpty();
  }

  @Test
  void aBrokenRuleIsFound() throws Exception {
    List<Rule> broken = List.of(rule("host", "swarm", "to see that it is found"));
    assertThat(Layering.violations(Path.of("target/classes"), broken))
        .anyMatch(line -> line.startsWith("io.atoll.p2p.host.LiveHost uses io.atoll.p2p.swarm."));
    List<Rule> empty = List.of(rule("nowhere", "swarm", "to see that it is found"));
    assertThat(Layering.violations(Path.of("target/classes"), empty)).hasSize(1);
  }

  private static Rule pure(String who, String mayNotUse, String why) {
    return new Rule(P2P + who, mayNotUse, why);
  }

  private static Rule rule(String who, String mayNotUse, String why) {
    return new Rule(P2P + who, P2P + mayNotUse, why);
  }
}
