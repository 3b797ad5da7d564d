package io.atoll.p2p.mdns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.MulticastSocket;
import java.net.NetworkInterface;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Several nodes on the loopback interface, on a port of their own: nothing leaves the machine.
@Timeout(30)
class MdnsTest {
  private final List<Mdns> running = new ArrayList<>();
  private NetworkInterface loopback;
  private MdnsSettings settings;

  private record Node(
      PeerId id, Mdns mdns, Map<PeerId, List<Multiaddr>> found, AtomicReference<String> address) {}

  @BeforeEach
  void choosePort() throws Exception {
    loopback = NetworkInterface.getByInetAddress(InetAddress.getLoopbackAddress());
    try (DatagramSocket free = new DatagramSocket()) {
      settings =
          MdnsSettings.standard()
              .withPort(free.getLocalPort())
              .on(loopback.getName())
              .withIntervals(Duration.ofMillis(200), Duration.ofSeconds(1));
    }
  }

  @AfterEach
  void stop() {
    running.forEach(Mdns::close);
  }

  private Node node(String address, MdnsSettings with) throws Exception {
    PeerId id = Identity.generate().id();
    Map<PeerId, List<Multiaddr>> found = new ConcurrentHashMap<>();
    var listening = new AtomicReference<>(address);
    Mdns mdns =
        Mdns.start(
            id,
            () -> List.of(listening.get() + "/p2p/" + id),
            with,
            peer -> found.put(peer.peer(), peer.addresses()));
    running.add(mdns);
    return new Node(id, mdns, found, listening);
  }

  @Test
  void peersFindEachOtherUnderOneName() throws Exception {
    Node a = node("/ip4/127.0.0.1/tcp/1", settings);
    Node b = node("/ip4/127.0.0.1/tcp/2", settings);
    Node silent = node("/ip4/127.0.0.1/tcp/3", settings.silent());
    MdnsSettings elsewhere = settings.withTag(ServiceTag.ofRendezvous("elsewhere"));
    Node c = node("/ip4/127.0.0.1/tcp/4", elsewhere);
    Node d = node("/ip4/127.0.0.1/tcp/5", elsewhere);
    await().until(() -> a.found().containsKey(b.id()) && b.found().containsKey(a.id()));
    await().until(() -> c.found().containsKey(d.id()) && d.found().containsKey(c.id()));
    await().until(() -> silent.found().size() == 2);
    assertThat(a.found().get(b.id())).containsExactly(Multiaddr.parse("/ip4/127.0.0.1/tcp/2"));
    assertThat(a.found()).containsOnlyKeys(b.id());
    assertThat(c.found()).containsOnlyKeys(d.id());
    assertThat(silent.mdns().counts()).containsEntry(MdnsEvent.ANSWER_SENT, 0L);
  }

  @Test
  void aNewAddressIsToldAtOnce() throws Exception {
    Node a = node("/ip4/127.0.0.1/tcp/1", settings.withIntervals(hour(), hour()));
    Node b = node("/ip4/127.0.0.1/tcp/2", settings.withIntervals(hour(), hour()));
    await().until(() -> a.found().containsKey(b.id()) && b.found().containsKey(a.id()));
    a.address().set("/ip4/127.0.0.1/tcp/7");
    a.mdns().changed();
    await()
        .untilAsserted(
            () ->
                assertThat(b.found().get(a.id()))
                    .containsExactly(Multiaddr.parse("/ip4/127.0.0.1/tcp/7")));
  }

  @Test
  void garbageAndFloodsAreCountedAndHonestPeersFound() throws Exception {
    Node a = node("/ip4/127.0.0.1/tcp/1", settings);
    InetAddress group = InetAddress.getByName("224.0.0.251");
    try (MulticastSocket loud = new MulticastSocket(null)) {
      loud.setReuseAddress(true);
      loud.bind(new InetSocketAddress(settings.port()));
      loud.setNetworkInterface(loopback);
      byte[] garbage = new byte[300];
      for (int i = 0; i < 2000; i++) {
        loud.send(new DatagramPacket(garbage, i % 300, group, settings.port()));
      }
    }
    try (MulticastSocket other = new MulticastSocket()) {
      other.setNetworkInterface(loopback);
      byte[] query = MdnsPacket.query(settings.tag());
      await()
          .until(
              () -> {
                other.send(new DatagramPacket(query, query.length, group, settings.port()));
                return a.mdns().counts().get(MdnsEvent.FOREIGN_SOURCE) > 0;
              });
    }
    assertThat(a.mdns().counts().get(MdnsEvent.TOO_MANY_PACKETS)).isGreaterThan(0);
    assertThat(a.mdns().counts().get(MdnsEvent.MALFORMED)).isGreaterThan(0);
    Node b = node("/ip4/127.0.0.1/tcp/2", settings);
    await().until(() -> a.found().containsKey(b.id()) && b.found().containsKey(a.id()));
  }

  @Test
  void afterCloseNothingIsSaid() throws Exception {
    Node a = node("/ip4/127.0.0.1/tcp/1", settings);
    a.mdns().close();
    a.mdns().close();
    Node b = node("/ip4/127.0.0.1/tcp/2", settings);
    await().until(() -> b.mdns().counts().get(MdnsEvent.QUERY_SENT) >= 2);
    assertThat(b.found()).isEmpty();
    assertThat(a.found()).isEmpty();
  }

  private static Duration hour() {
    return Duration.ofHours(1);
  }
}
