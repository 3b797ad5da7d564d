package io.atoll.p2p.gossip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.atoll.core.identity.Identity;
import io.atoll.core.multiformat.Uvarint;
import io.atoll.p2p.gossip.machine.GossipConfig;
import io.atoll.p2p.gossip.machine.GossipEvent.Verdict;
import io.atoll.p2p.gossip.machine.GossipMessage;
import io.atoll.p2p.gossip.machine.Version;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.host.HostConfig;
import io.atoll.p2p.host.P2p;
import io.atoll.p2p.host.Stream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Nodes over real hosts, on loopback.
@Timeout(60)
class GossipTest {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final String TOPIC = "atoll/offers";

  private record Node(Host host, Gossip gossip, Queue<String> texts) {}

  private final List<Node> nodes = new ArrayList<>();

  @AfterEach
  void stop() {
    for (Node node : nodes) {
      node.gossip().close();
      node.host().close();
    }
  }

  private Node node() throws Exception {
    Identity identity = Identity.generate();
    Host host = P2p.start(HostConfig.of(identity, List.of("/ip4/127.0.0.1/tcp/0")));
    Queue<String> texts = new ConcurrentLinkedQueue<>();
    Node node = new Node(host, Gossip.start(host, identity, GossipConfig.defaults()), texts);
    nodes.add(node);
    node.gossip()
        .join(
            TOPIC,
            new TopicReader() {
              @Override
              public Verdict judge(GossipMessage message) {
                return Verdict.ACCEPT;
              }

              @Override
              public void accept(GossipMessage message) {
                texts.add(message.data().toStringUtf8());
              }
            });
    return node;
  }

  @Test
  void aMessageGoesDownALineOfNodes() throws Exception {
    for (int i = 0; i < 6; i++) {
      Node node = node();
      if (i > 0) {
        Host before = nodes.get(i - 1).host();
        node.host().connect(before.id(), before.listening(), SOON);
      }
    }
    for (int i = 0; i < 6; i++) {
      Node node = nodes.get(i);
      int neighbours = i == 0 || i == 5 ? 1 : 2;
      await().atMost(SOON).until(() -> node.gossip().mesh(TOPIC).size() == neighbours);
    }
    nodes.getFirst().gossip().publish(TOPIC, "hello".getBytes(StandardCharsets.UTF_8));
    for (Node node : nodes.subList(1, 6)) {
      await().atMost(SOON).until(() -> !node.texts().isEmpty());
    }
    Thread.sleep(1500);
    assertThat(nodes.getFirst().texts()).isEmpty();
    for (Node node : nodes.subList(1, 6)) {
      assertThat(node.texts()).containsExactly("hello");
    }
  }

  @Test
  void aPeerThatGoesAndComesBackIsInTheMeshAgain() throws Exception {
    Node one = node();
    Node other = node();
    one.host().connect(other.host().id(), other.host().listening(), SOON);
    await().atMost(SOON).until(() -> one.gossip().mesh(TOPIC).size() == 1);
    one.host().disconnect(other.host().id());
    await().atMost(SOON).until(() -> one.gossip().mesh(TOPIC).isEmpty());
    one.host().connect(other.host().id(), other.host().listening(), SOON);
    await().atMost(SOON).until(() -> one.gossip().mesh(TOPIC).size() == 1);
    one.gossip().publish(TOPIC, "again".getBytes(StandardCharsets.UTF_8));
    await().atMost(SOON).until(() -> other.texts().contains("again"));
  }

  @Test
  void garbageEndsItsStreamAndNothingElse() throws Exception {
    Node node = node();
    Node honest = node();
    honest.host().connect(node.host().id(), node.host().listening(), SOON);
    await().atMost(SOON).until(() -> node.gossip().mesh(TOPIC).size() == 1);
    Host stranger = P2p.start(HostConfig.of(Identity.generate(), List.of()));
    try (stranger) {
      stranger.handle(Version.V1_1.protocol(), stream -> stream.in().readAllBytes());
      stranger.connect(node.host().id(), node.host().listening(), SOON);
      byte[][] wrong = {
        {3, 1, 2, 3}, Uvarint.encode(4L << 30), {2, 18, 127} // a message that is cut off
      };
      for (byte[] bytes : wrong) {
        try (Stream stream = stranger.open(node.host().id(), Version.V1_1.protocol())) {
          stream.out().write(bytes);
          stream.out().flush();
          assertThatThrownBy(() -> stream.in().read()).isInstanceOf(IOException.class);
        }
      }
    }
    honest.gossip().publish(TOPIC, "still here".getBytes(StandardCharsets.UTF_8));
    await().atMost(SOON).until(() -> node.texts().contains("still here"));
  }
}
