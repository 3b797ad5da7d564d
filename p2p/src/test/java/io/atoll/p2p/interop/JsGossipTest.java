package io.atoll.p2p.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.p2p.gossip.Gossip;
import io.atoll.p2p.gossip.TopicReader;
import io.atoll.p2p.gossip.machine.GossipConfig;
import io.atoll.p2p.gossip.machine.GossipEvent.Verdict;
import io.atoll.p2p.gossip.machine.GossipMessage;
import io.atoll.p2p.gossip.machine.MessageId;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.host.HostConfig;
import io.atoll.p2p.host.P2p;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// js-libp2p's gossipsub is the witness, in both directions, over loopback.
@Tag("real")
@Timeout(180)
class JsGossipTest {
  private static final HexFormat HEX = HexFormat.of();
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final String TOPIC = "atoll/offers";

  private static final class Inbox implements TopicReader {
    private final Queue<GossipMessage> messages = new ConcurrentLinkedQueue<>();

    @Override
    public Verdict judge(GossipMessage message) {
      return message.data().toStringUtf8().startsWith("bad") ? Verdict.REJECT : Verdict.ACCEPT;
    }

    @Override
    public void accept(GossipMessage message) {
      messages.add(message);
    }

    List<String> texts() {
      return messages.stream().map(message -> message.data().toStringUtf8()).toList();
    }
  }

  private record Node(Host host, Gossip gossip, Inbox inbox) {}

  private final List<Node> nodes = new ArrayList<>();
  private JsPeer js;
  private PeerId jsId;
  private List<String> jsAddresses;

  @BeforeEach
  void start() throws Exception {
    js = new JsPeer("routing.mjs");
    JsonNode started = js.call("start", "listen", true, "client", true);
    jsId = PeerId.parse(started.get("id").asText());
    jsAddresses = new ArrayList<>();
    started.get("addresses").forEach(address -> jsAddresses.add(address.asText()));
    js.call("subscribe", "topic", TOPIC);
  }

  @AfterEach
  void stop() throws Exception {
    for (Node node : nodes) {
      node.gossip().close();
      node.host().close();
    }
    js.close();
  }

  private Node node() throws Exception {
    Identity identity = Identity.generate();
    Host host = P2p.start(HostConfig.of(identity, List.of("/ip4/127.0.0.1/tcp/0")));
    Node node = new Node(host, Gossip.start(host, identity, GossipConfig.defaults()), new Inbox());
    nodes.add(node);
    node.gossip().join(TOPIC, node.inbox());
    return node;
  }

  private void awaitMesh(Node node, PeerId peer) {
    await().atMost(SOON).until(() -> node.gossip().mesh(TOPIC).contains(peer));
    await()
        .atMost(SOON)
        .until(
            () ->
                names(js.call("mesh", "topic", TOPIC).get("mesh"))
                    .contains(node.host().id().text()));
  }

  private static List<String> names(JsonNode array) {
    List<String> names = new ArrayList<>();
    array.forEach(name -> names.add(name.asText()));
    return names;
  }

  private static String hex(String text) {
    return HEX.formatHex(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }

  private List<String> jsTexts() throws Exception {
    List<String> texts = new ArrayList<>();
    js.call("messages").get("messages").forEach(message -> texts.add(message.get("data").asText()));
    return texts;
  }

  @Test
  void messagesGoBothWaysWhenWeDial() throws Exception {
    Node node = node();
    node.host().connect(jsId, jsAddresses, SOON);
    bothWays(node);
  }

  @Test
  void messagesGoBothWaysWhenJsDials() throws Exception {
    Node node = node();
    js.call("dial", "address", node.host().listening().getFirst());
    bothWays(node);
  }

  private void bothWays(Node node) throws Exception {
    awaitMesh(node, jsId);
    MessageId id =
        node.gossip().publish(TOPIC, "from java".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    await().atMost(SOON).until(() -> jsTexts().contains(hex("from java")));
    JsonNode got = js.call("messages").get("messages").get(0);
    assertThat(got.get("from").asText()).isEqualTo(node.host().id().text());
    assertThat(got.get("id").asText()).isEqualTo(HEX.formatHex(id.bytes().toByteArray()));
    for (int i = 0; i < 20; i++) {
      js.call("publish", "topic", TOPIC, "data", hex("from js " + i));
    }
    await().atMost(SOON).until(() -> node.inbox().messages.size() == 20);
    assertThat(node.inbox().messages).allMatch(message -> message.author().equals(jsId));
    assertThat(node.inbox().texts()).contains("from js 0", "from js 19");
  }

  @Test
  void largeMessagesPassThrough() throws Exception {
    Node node = node();
    node.host().connect(jsId, jsAddresses, SOON);
    awaitMesh(node, jsId);
    byte[] large = new byte[500_000];
    new Random(1).nextBytes(large);
    node.gossip().publish(TOPIC, large);
    await().atMost(SOON).until(() -> jsTexts().contains(HEX.formatHex(large)));
    js.call("publish", "topic", TOPIC, "data", HEX.formatHex(large, 1, large.length));
    await().atMost(SOON).until(() -> node.inbox().messages.size() == 1);
    assertThat(node.inbox().messages.peek().data().size()).isEqualTo(499_999);
  }

  @Test
  void eachPassesOnForTheOther() throws Exception {
    // java – js – java, then js – java – js is the same with the middle in java.
    Node left = node();
    Node right = node();
    left.host().connect(jsId, jsAddresses, SOON);
    right.host().connect(jsId, jsAddresses, SOON);
    awaitMesh(left, jsId);
    awaitMesh(right, jsId);
    left.gossip().publish(TOPIC, "through js".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    await().atMost(SOON).until(() -> right.inbox().texts().contains("through js"));
    assertThat(right.inbox().messages.peek().author()).isEqualTo(left.host().id());

    try (JsPeer other = new JsPeer("routing.mjs")) {
      other.call("start", "listen", false, "client", true);
      other.call("subscribe", "topic", TOPIC);
      other.call("dial", "address", right.host().listening().getFirst());
      await()
          .atMost(SOON)
          .until(
              () ->
                  names(other.call("mesh", "topic", TOPIC).get("mesh"))
                      .contains(right.host().id().text()));
      other.call("publish", "topic", TOPIC, "data", hex("through java"));
      await().atMost(SOON).until(() -> jsTexts().contains(hex("through java")));
      await().atMost(SOON).until(() -> left.inbox().texts().contains("through java"));
    }
  }

  @Test
  void wrongMessagesGoNoFurtherAndCost() throws Exception {
    Node node = node();
    Node behind = node();
    node.host().connect(jsId, jsAddresses, SOON);
    behind.host().connect(node.host().id(), node.host().listening(), SOON);
    awaitMesh(node, jsId);
    await().atMost(SOON).until(() -> node.gossip().mesh(TOPIC).contains(behind.host().id()));
    js.call("publish", "topic", TOPIC, "data", hex("good"));
    await().atMost(SOON).until(() -> behind.inbox().texts().contains("good"));
    for (int i = 0; i < 4; i++) {
      js.call("publish", "topic", TOPIC, "data", hex("bad " + i));
    }
    await().atMost(SOON).until(() -> node.gossip().score(jsId) < 0);
    assertThat(behind.inbox().texts()).containsExactly("good");
    await().atMost(SOON).until(() -> !node.gossip().mesh(TOPIC).contains(jsId));
  }

  @Test
  void unsubscribingIsUnderstood() throws Exception {
    Node node = node();
    node.host().connect(jsId, jsAddresses, SOON);
    awaitMesh(node, jsId);
    js.call("unsubscribe", "topic", TOPIC);
    await().atMost(SOON).until(() -> node.gossip().subscribers(TOPIC).isEmpty());
    assertThat(node.gossip().mesh(TOPIC)).isEmpty();
    node.gossip().leave(TOPIC);
    await().atMost(SOON).until(() -> js.call("mesh", "topic", TOPIC).get("subscribers").isEmpty());
  }
}
