package io.atoll.market.advert;

import io.atoll.core.identity.Identity;
import io.atoll.core.term.Resources;
import io.atoll.p2p.gossip.Gossip;
import io.atoll.p2p.gossip.machine.GossipConfig;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.host.HostConfig;
import io.atoll.p2p.host.P2p;
import io.atoll.p2p.kad.Kad;
import io.atoll.p2p.kad.KadSettings;
import io.atoll.p2p.swarm.Watermarks;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/// Real nodes of this process, on loopback, that know one to three others when they start.
final class Market implements AutoCloseable {
  record Node(Identity identity, Host host, Kad kad, Gossip gossip, Adverts adverts)
      implements AutoCloseable {
    @Override
    public void close() {
      adverts.close();
      gossip.close();
      kad.close();
      host.close();
    }
  }

  /// Each connection takes two descriptors of this one process.
  private static final Watermarks CONNECTIONS =
      new Watermarks(30, 45, Duration.ofSeconds(3), Duration.ofSeconds(1));

  private final AdvertSettings settings;
  private final List<Node> nodes = new ArrayList<>();
  private final Random random = new Random(1);

  /// @param every how often a node says its advertisement
  Market(Duration every) {
    this.settings = AdvertSettings.defaults().every(every);
  }

  Node node() throws Exception {
    List<String> known = new ArrayList<>();
    for (int i = 0; i < Math.min(3, nodes.size()); i++) {
      known.addAll(nodes.get(random.nextInt(nodes.size())).host().listening());
    }
    Identity identity = Identity.generate();
    Host host =
        P2p.start(
            HostConfig.of(identity, List.of("/ip4/127.0.0.1/tcp/0")).withWatermarks(CONNECTIONS));
    Kad kad = Kad.start(host, Optional.of(identity.publicKey()), KadSettings.server(known));
    Gossip gossip = Gossip.start(host, identity, GossipConfig.defaults());
    Node node =
        new Node(identity, host, kad, gossip, Adverts.start(identity, host, kad, gossip, settings));
    nodes.add(node);
    return node;
  }

  /// A node that wants to know all providers.
  Node searcher() throws Exception {
    Node node = node();
    node.adverts().search(AdvertKind.PROVIDER);
    return node;
  }

  Node provider(int cores) throws Exception {
    Node node = node();
    Resources has = new Resources(cores * 1000L, (long) cores << 30, 0);
    node.adverts()
        .advertise(
            AdvertKind.PROVIDER,
            () ->
                new AdvertData.OfProvider(
                    "node-" + cores,
                    "test",
                    "linux",
                    "amd64",
                    has,
                    has,
                    List.of("process"),
                    Map.of(),
                    node.host().listening()));
    return node;
  }

  Node hub(String name) throws Exception {
    Node node = searcher();
    node.adverts()
        .advertise(
            AdvertKind.HUB, () -> new AdvertData.OfHub(name, "test", node.host().listening()));
    return node;
  }

  List<Node> nodes() {
    return nodes;
  }

  @Override
  public void close() {
    nodes.reversed().forEach(Node::close);
  }
}
