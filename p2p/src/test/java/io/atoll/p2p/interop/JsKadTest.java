package io.atoll.p2p.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import io.atoll.core.crypto.PublicKey;
import io.atoll.core.error.AtollException;
import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.host.HostConfig;
import io.atoll.p2p.host.P2p;
import io.atoll.p2p.kad.Kad;
import io.atoll.p2p.kad.KadSettings;
import io.atoll.p2p.kad.machine.Contact;
import io.atoll.p2p.kad.machine.SignedRecord;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// js-libp2p's Kademlia is the witness, in both directions, over loopback.
@Tag("real")
@Timeout(180)
class JsKadTest {
  private static final HexFormat HEX = HexFormat.of();
  private static final Duration SOON = Duration.ofSeconds(20);

  private record Node(Identity identity, Host host, Kad kad) {
    PeerId id() {
      return host.id();
    }

    boolean knows(PeerId peer) throws InterruptedException {
      return kad.table().stream().anyMatch(contact -> contact.id().equals(peer));
    }
  }

  private final List<Node> nodes = new ArrayList<>();
  private JsPeer js;
  private PeerId jsId;
  private List<String> jsAddresses;

  @BeforeEach
  void start() throws Exception {
    js = new JsPeer("routing.mjs");
  }

  @AfterEach
  void stop() throws Exception {
    for (Node node : nodes) {
      node.kad().close();
      node.host().close();
    }
    js.close();
  }

  private void startJs(boolean client) throws Exception {
    JsonNode started = js.call("start", "listen", true, "client", client);
    jsId = PeerId.parse(started.get("id").asText());
    jsAddresses = new ArrayList<>();
    started.get("addresses").forEach(address -> jsAddresses.add(address.asText()));
  }

  private Node node(KadSettings settings) throws Exception {
    Identity identity = Identity.generate();
    Host host = P2p.start(HostConfig.of(identity, List.of("/ip4/127.0.0.1/tcp/0")));
    Node node =
        new Node(identity, host, Kad.start(host, Optional.of(identity.publicKey()), settings));
    nodes.add(node);
    return node;
  }

  private Node besideJs() throws Exception {
    startJs(false);
    Node node = node(KadSettings.server(jsAddresses));
    await().atMost(SOON).until(() -> node.knows(jsId));
    await().atMost(SOON).until(() -> js.call("tableSize").get("size").asInt() >= 1);
    return node;
  }

  private static ByteString signed(Identity author, ByteString key, long sequence, String text) {
    return SignedRecord.sign(
        author, key, sequence, Instant.now().plusSeconds(3600), ByteString.copyFromUtf8(text));
  }

  private static String hex(ByteString bytes) {
    return HEX.formatHex(bytes.toByteArray());
  }

  @Test
  void valuesGoBothWaysAndOnlySignedOnes() throws Exception {
    Node node = besideJs();
    ByteString key = SignedRecord.key("offer", node.id());
    ByteString value = signed(node.identity(), key, 1, "from java");
    assertThat(node.kad().put(key, value)).isEqualTo(1);
    assertThat(js.call("get", "key", hex(key)).get("value").asText()).isEqualTo(hex(value));

    // js puts what somebody else signed, then what nobody signed.
    Identity author = Identity.generate();
    ByteString other = SignedRecord.key("offer", author.id());
    ByteString good = signed(author, other, 1, "through js");
    assertThat(js.call("put", "key", hex(other), "value", hex(good)).get("stored").asInt())
        .isGreaterThanOrEqualTo(1);
    assertThat(node.kad().records()).anyMatch(record -> record.value().equals(good));
    assertThat(node.kad().get(other)).contains(good);
    ByteString forged = signed(node.identity(), other, 2, "forged");
    js.call("put", "key", hex(other), "value", hex(forged));
    assertThat(node.kad().records()).noneMatch(record -> record.value().equals(forged));
    // js now holds the forged one; what it answers is refused here.
    assertThat(node.kad().get(other)).contains(good);
    assertThatThrownBy(() -> node.kad().put(other, forged)).isInstanceOf(AtollException.class);
  }

  @Test
  void keysOfPeersAreValues() throws Exception {
    Node node = besideJs();
    ByteString own = ByteString.copyFromUtf8("/pk/").concat(ByteString.copyFrom(node.id().bytes()));
    assertThat(js.call("get", "key", hex(own)).get("value").asText())
        .isEqualTo(HEX.formatHex(node.identity().publicKey().encode()));
    ByteString theirs = ByteString.copyFromUtf8("/pk/").concat(ByteString.copyFrom(jsId.bytes()));
    assertThat(node.kad().get(theirs))
        .hasValueSatisfying(
            key -> assertThat(PeerId.of(PublicKey.decode(key.toByteArray()))).isEqualTo(jsId));
  }

  @Test
  void providersGoBothWays() throws Exception {
    Node node = besideJs();
    byte[] mine = MessageDigest.getInstance("SHA-256").digest(new byte[] {1});
    byte[] theirs = MessageDigest.getInstance("SHA-256").digest(new byte[] {2});
    assertThat(node.kad().provide(multihash(mine))).isEqualTo(1);
    await()
        .atMost(SOON)
        .untilAsserted(
            () ->
                assertThat(js.call("providers", "hash", HEX.formatHex(mine)).get("peers"))
                    .anyMatch(peer -> peer.asText().equals(node.id().text())));
    js.call("provide", "hash", HEX.formatHex(theirs));
    await()
        .atMost(SOON)
        .untilAsserted(
            () ->
                assertThat(node.kad().providers(multihash(theirs), 1))
                    .extracting(Contact::id)
                    .containsExactly(jsId));
  }

  @Test
  void peersAreFoundThroughEachOther() throws Exception {
    Node near = besideJs();
    Node far = node(KadSettings.server(near.host().listening()));
    await().atMost(SOON).until(() -> near.knows(far.id()));
    // js asks this node for the other one, and the other one finds js by this node.
    assertThat(js.call("findPeer", "peer", far.id().text()).get("addresses")).isNotEmpty();
    await().atMost(SOON).until(() -> far.kad().findPeer(jsId).isPresent());
    assertThat(far.kad().findPeer(jsId).orElseThrow().addresses()).isNotEmpty();
    assertThat(far.kad().closest(jsId.bytes())).extracting(Contact::id).contains(jsId, near.id());
    assertThat(js.call("closest", "key", HEX.formatHex(far.id().bytes())).get("peers"))
        .anyMatch(peer -> peer.asText().equals(far.id().text()));
  }

  @Test
  void clientsAreInNobodysTable() throws Exception {
    startJs(false);
    Node client = node(KadSettings.client(jsAddresses));
    await().atMost(SOON).until(() -> client.knows(jsId));
    ByteString key = SignedRecord.key("offer", client.id());
    assertThat(client.kad().put(key, signed(client.identity(), key, 1, "by a client")))
        .isEqualTo(1);
    assertThat(js.call("tableSize").get("size").asInt()).isZero();
    js.close();
    js = new JsPeer("routing.mjs");
    startJs(true);
    Node server = node(KadSettings.server(jsAddresses));
    await().atMost(SOON).until(() -> server.host().connected(jsId));
    await().atMost(SOON).until(() -> js.call("tableSize").get("size").asInt() >= 1);
    Thread.sleep(1000);
    assertThat(server.knows(jsId)).isFalse();
  }

  private static ByteString multihash(byte[] sha256) {
    return ByteString.copyFrom(new byte[] {0x12, 0x20}).concat(ByteString.copyFrom(sha256));
  }
}
