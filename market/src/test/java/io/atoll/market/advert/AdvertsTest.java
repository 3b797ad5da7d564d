package io.atoll.market.advert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.atoll.core.identity.Identity;
import io.atoll.core.multiformat.Uvarint;
import io.atoll.core.term.Resources;
import io.atoll.market.advert.Market.Node;
import io.atoll.p2p.gossip.Gossip;
import io.atoll.p2p.gossip.machine.GossipConfig;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.host.HostConfig;
import io.atoll.p2p.host.P2p;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A small market over real hosts, DHT and gossip.
@Timeout(60)
class AdvertsTest {
  private static final Duration SOON = Duration.ofSeconds(10);

  private static AdvertFilter cores(int count) {
    return AdvertFilter.of(new Resources(count * 1000L, 0, 0));
  }

  @Test
  void aHubThatComesLastFindsAProviderItNeverMet() throws Exception {
    try (Market market = new Market(Duration.ofMinutes(10))) {
      Node first = market.hub("old hub");
      for (int i = 1; i <= 12; i++) {
        market.provider(i);
      }
      Node biggest = market.nodes().getLast();
      await().atMost(SOON).until(() -> !biggest.kad().table().isEmpty());
      Node hub = market.hub("new hub");
      await().atMost(SOON).until(() -> !hub.adverts().providers(cores(12), 10).isEmpty());
      Advert found = hub.adverts().providers(cores(12), 10).getFirst();
      assertThat(found.peer()).isEqualTo(biggest.identity().id());
      // what it says is enough to come there
      hub.host().connect(found.peer(), found.data().addresses(), SOON);
      await().atMost(SOON).until(() -> hub.adverts().providers(cores(1), 100).size() == 12);
      // and hubs are found by a provider
      await()
          .atMost(SOON)
          .until(
              () -> {
                biggest.adverts().look(AdvertKind.HUB);
                return biggest.adverts().hubs(10).size() == 2;
              });
      assertThat(first.adverts().hubs(10)).extracting(Advert::peer).contains(first.host().id());
    }
  }

  @Test
  void changesAreHeardByGossip() throws Exception {
    try (Market market = new Market(Duration.ofMinutes(10))) {
      Node hub = market.searcher();
      Node provider = market.provider(1);
      await().atMost(SOON).until(() -> hub.adverts().providers(cores(1), 10).size() == 1);
      await()
          .atMost(SOON)
          .until(() -> !provider.gossip().mesh(AdvertKind.PROVIDER.topic()).isEmpty());
      Thread.sleep(AdvertBook.LEAST_APART);
      provider
          .adverts()
          .advertise(AdvertKind.PROVIDER, () -> AdvertBookTest.provider(64, "docker"));
      await()
          .atMost(Duration.ofSeconds(5))
          .until(() -> hub.adverts().providers(cores(64).withDriver("docker"), 10).size() == 1);
      assertThat(hub.adverts().providers(cores(1), 10)).hasSize(1);
    }
  }

  @Test
  void aLiarIsNotHeard() throws Exception {
    try (Market market = new Market(Duration.ofMinutes(10))) {
      Node hub = market.searcher();
      Identity liar = Identity.generate();
      Identity other = Identity.generate();
      Host host = P2p.start(HostConfig.of(liar, List.of()));
      Gossip gossip = Gossip.start(host, liar, GossipConfig.defaults());
      try (host;
          gossip) {
        host.connect(hub.host().id(), hub.host().listening(), SOON);
        String topic = AdvertKind.PROVIDER.topic();
        await().atMost(SOON).until(() -> gossip.subscribers(topic).size() == 1);
        // another's advertisement as its own, a hub's among providers, and no advertisement at all
        Instant now = Instant.now();
        Duration life = Duration.ofMinutes(5);
        gossip.publish(
            topic,
            Advert.sign(other, AdvertBookTest.provider(2), now, life).signed().toByteArray());
        gossip.publish(
            topic,
            Advert.sign(liar, new AdvertData.OfHub("h", "1", List.of()), now, life)
                .signed()
                .toByteArray());
        gossip.publish(topic, "garbage".getBytes(StandardCharsets.UTF_8));
        // to a neighbour that asks: one good, then garbage
        byte[] good =
            Advert.sign(liar, AdvertBookTest.provider(3), now, life).signed().toByteArray();
        host.handle(
            AdvertExchange.PROTOCOL,
            stream -> {
              stream.out().write(Uvarint.encode(good.length));
              stream.out().write(good);
              stream.out().write(Uvarint.encode(5));
              stream.out().write(new byte[] {1, 2, 3, 4, 5});
              stream.out().flush();
            });
        AdvertBook book = new AdvertBook(10);
        AdvertExchange exchange = new AdvertExchange(hub.host(), book);
        assertThatThrownBy(() -> exchange.ask(liar.id())).isInstanceOf(IOException.class);
        assertThat(book.size()).isEqualTo(1);
        host.handle(
            AdvertExchange.PROTOCOL,
            stream -> {
              stream.out().write(Uvarint.encode(4L << 30)); // 4 GiB
              stream.out().flush();
            });
        assertThatThrownBy(() -> exchange.ask(liar.id())).isInstanceOf(IOException.class);
        Thread.sleep(500);
        assertThat(hub.adverts().known()).isZero();
        market.provider(3); // an honest one is heard all the same
        await().atMost(SOON).until(() -> hub.adverts().known() == 1);
      }
    }
  }
}
