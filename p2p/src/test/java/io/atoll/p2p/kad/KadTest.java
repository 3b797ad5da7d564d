package io.atoll.p2p.kad;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.atoll.core.identity.Identity;
import io.atoll.core.multiformat.Uvarint;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.host.HostConfig;
import io.atoll.p2p.host.NetworkHost;
import io.atoll.p2p.host.P2p;
import io.atoll.p2p.host.Stream;
import io.atoll.p2p.kad.machine.Contact;
import io.atoll.p2p.kad.machine.KadMessage;
import io.atoll.p2p.kad.machine.SignedRecord;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Nodes over real hosts, on loopback.
@Timeout(60)
class KadTest {
  private static final Duration SOON = Duration.ofSeconds(20);

  private record Node(Identity identity, Host host, Kad kad) {}

  private final List<Node> nodes = new ArrayList<>();

  @AfterEach
  void stop() {
    for (Node node : nodes) {
      node.kad().close();
      node.host().close();
    }
  }

  private Node node(List<String> bootstrap) throws Exception {
    Identity identity = Identity.generate();
    Host host = P2p.start(HostConfig.of(identity, List.of("/ip4/127.0.0.1/tcp/0")));
    Kad kad = Kad.start(host, Optional.of(identity.publicKey()), KadSettings.server(bootstrap));
    Node node = new Node(identity, host, kad);
    nodes.add(node);
    return node;
  }

  @Test
  void whoTurnsOutToBeUnreachableIsAskedNoMoreAndMayComeBack() throws Exception {
    Node first = node(List.of());
    Node other = node(first.host().listening());
    String protocol = KadSettings.server(List.of()).protocol();
    await().atMost(SOON).until(() -> !other.kad().table().isEmpty());
    first.kad().stopServing();
    assertThat(first.kad().serves()).isFalse();
    assertThat(((NetworkHost) first.host()).protocols()).doesNotContain(protocol);
    assertThatThrownBy(() -> other.host().open(first.host().id(), protocol))
        .isInstanceOf(IOException.class);
    first.kad().startServing();
    try (Stream stream = other.host().open(first.host().id(), protocol)) {
      assertThat(stream.protocol()).isEqualTo(protocol);
    }
  }

  @Test
  void nodesThatKnowOneFindEachOther() throws Exception {
    Node first = node(List.of());
    for (int i = 0; i < 11; i++) {
      node(first.host().listening());
    }
    for (Node node : nodes) {
      await().atMost(SOON).until(() -> node.kad().table().size() >= 6);
    }
    Node one = nodes.get(3);
    Node other = nodes.get(9);
    await().atMost(SOON).until(() -> one.kad().findPeer(other.host().id()).isPresent());
    assertThat(one.kad().closest(other.host().id().bytes()).getFirst().id())
        .isEqualTo(other.host().id());
    ByteString key = SignedRecord.key("offer", one.host().id());
    ByteString value =
        SignedRecord.sign(
            one.identity(),
            key,
            1,
            Instant.now().plusSeconds(600),
            ByteString.copyFromUtf8("4 cores"));
    assertThat(one.kad().put(key, value)).isGreaterThanOrEqualTo(8);
    assertThat(other.kad().get(key)).contains(value);
    ByteString hash = ByteString.copyFrom(new byte[34]);
    other.kad().provide(hash);
    assertThat(first.kad().providers(hash, 1))
        .extracting(Contact::id)
        .containsExactly(other.host().id());
    assertThat(first.kad().walk()).hasSizeGreaterThan(6);
  }

  @Test
  void garbageEndsItsStreamAndNothingElse() throws Exception {
    Node node = node(List.of());
    Host stranger = P2p.start(HostConfig.of(Identity.generate(), List.of()));
    try (stranger) {
      stranger.connect(node.host().id(), node.host().listening(), SOON);
      byte[][] wrong = {
        {3, 1, 2, 3}, // not protobuf
        Uvarint.encode(4L << 30), // a frame of 4 GiB
        {(byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff},
        {2, 8, 77} // a type that there is not
      };
      for (byte[] bytes : wrong) {
        try (Stream stream = stranger.open(node.host().id(), KadSettings.PROTOCOL)) {
          stream.out().write(bytes);
          stream.out().flush();
          assertThatThrownBy(() -> stream.in().read()).isInstanceOf(IOException.class);
        }
      }
      // Several requests on one stream are answered one by one.
      try (Stream stream = stranger.open(node.host().id(), KadSettings.PROTOCOL)) {
        KadMessage ping = KadMessage.of(KadMessage.Type.PING, ByteString.EMPTY);
        for (int i = 0; i < 3; i++) {
          Frames.write(stream.out(), ping);
          assertThat(Frames.read(stream.in())).isEqualTo(ping);
        }
      }
    }
  }
}
