package io.atoll.p2p.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.host.HostConfig;
import io.atoll.p2p.host.P2p;
import io.atoll.p2p.host.Stream;
import io.atoll.p2p.identify.Identify;
import io.atoll.p2p.ping.Ping;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// js-libp2p is the witness: it dials our host, and our host dials it, over loopback.
@Tag("real")
@Timeout(120)
class JsInteropTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final int PINGS = 100;
  private static final int ECHO_BYTES = 10 << 20;
  private static final String ECHO = "/test/echo/1";
  private static final String COUNT = "/test/count/1";
  private static final String RESET = "/test/reset/1";
  private static final String HOLD = "/test/hold/1";

  private final BlockingQueue<String> held = new LinkedBlockingQueue<>();
  private Host host;
  private JsPeer js;

  @BeforeEach
  void start() throws Exception {
    js = new JsPeer();
    host =
        P2p.start(
            HostConfig.of(Identity.generate(), List.of("/ip4/127.0.0.1/tcp/0"))
                .withAgent("atoll/interop"));
    host.handle(
        ECHO,
        stream -> {
          stream.in().transferTo(stream.out());
          stream.out().close();
        });
    host.handle(
        COUNT,
        stream -> {
          long count = stream.in().transferTo(java.io.OutputStream.nullOutputStream());
          stream.out().write(Long.toString(count).getBytes(StandardCharsets.UTF_8));
        });
    host.handle(
        RESET,
        stream -> {
          stream.in().read();
          stream.reset();
        });
    host.handle(
        HOLD,
        stream -> {
          try {
            String said = new String(stream.in().readNBytes(5), StandardCharsets.UTF_8);
            stream.in().read();
            held.add(said + ", then the end");
          } catch (IOException e) {
            held.add(e.getMessage());
          }
        });
  }

  @AfterEach
  void stop() throws Exception {
    host.close();
    js.close();
  }

  private PeerId jsDials() throws Exception {
    JsonNode started = js.start(false);
    JsonNode dialled = js.call("dial", "address", host.listening().getFirst());
    assertThat(dialled.get("peer").asText()).isEqualTo(host.id().text());
    PeerId peer = PeerId.parse(started.get("id").asText());
    await().until(() -> host.connected(peer));
    return peer;
  }

  private PeerId hostDials() throws Exception {
    JsonNode started = js.start(true);
    PeerId peer = PeerId.parse(started.get("id").asText());
    List<String> addresses = new ArrayList<>();
    started.get("addresses").forEach(address -> addresses.add(address.asText()));
    host.connect(peer, addresses, TIMEOUT);
    return peer;
  }

  @Test
  void jsDialsIdentifiesAndPings() throws Exception {
    jsDials();
    JsonNode said = js.call("identify");
    assertThat(said.get("agent").asText()).isEqualTo("atoll/interop");
    assertThat(texts(said.get("protocols"))).contains(Ping.PROTOCOL, Identify.PROTOCOL, ECHO);
    assertThat(texts(said.get("listen")))
        .map(address -> address + "/p2p/" + host.id())
        .isEqualTo(host.listening());
    assertThat(said.get("observed").asText()).startsWith("/ip4/127.0.0.1/tcp/");
    JsonNode pings = js.call("ping", "count", PINGS).get("millis");
    assertThat(pings).hasSize(PINGS);
    System.out.println("js pings us: p50 " + median(pings) + " ms");
  }

  @Test
  void weDialIdentifyAndPing() throws Exception {
    PeerId peer = hostDials();
    var said = P2p.identify(host, peer);
    assertThat(said.agentVersion()).startsWith("js-libp2p/");
    assertThat(said.protocols()).contains(Ping.PROTOCOL, ECHO);
    assertThat(said.key()).map(PeerId::of).contains(peer);
    List<Duration> pings = new ArrayList<>();
    for (int i = 0; i < PINGS; i++) {
      pings.add(host.ping(peer));
    }
    pings.sort(null);
    System.out.println("we ping js: p50 " + pings.get(PINGS / 2).toNanos() / 1e6 + " ms");
  }

  @Test
  void megabytesGoBothWaysUnchanged() throws Exception {
    PeerId peer = jsDials();
    JsonNode hashes = js.call("echo", "bytes", ECHO_BYTES);
    assertThat(hashes.get("received")).isEqualTo(hashes.get("sent"));
    // And back over the connection that js dialled.
    assertThat(echoFromJs(peer)).isTrue();
  }

  @Test
  void megabytesGoBothWaysOverTheConnectionThatWeDialled() throws Exception {
    PeerId peer = hostDials();
    assertThat(echoFromJs(peer)).isTrue();
  }

  @Test
  void halfCloseLetsTheOtherEndAnswer() throws Exception {
    PeerId peer = jsDials();
    assertThat(js.call("count", "bytes", 1_000_000).get("reply").asText()).isEqualTo("1000000");
    try (Stream stream = host.open(peer, COUNT)) {
      stream.out().write(new byte[1_000_000]);
      stream.out().close();
      assertThat(new String(stream.in().readAllBytes(), StandardCharsets.UTF_8))
          .isEqualTo("1000000");
    }
  }

  @Test
  void aResetIsSeenAtTheOtherEndAndOnlyOnThatStream() throws Exception {
    PeerId peer = jsDials();
    js.call("abort");
    assertThat(held.poll(10, TimeUnit.SECONDS)).isEqualTo("the stream was reset by the peer");
    assertThat(js.call("expectReset").get("error").asText()).isEqualTo("StreamResetError");
    Stream stream = host.open(peer, RESET);
    stream.out().write(1);
    assertThatThrownBy(() -> stream.in().read()).hasMessageContaining("reset by the peer");
    assertThatThrownBy(() -> host.open(peer, "/unknown/1")).hasMessageContaining("does not speak");
    assertThat(host.ping(peer)).isPositive();
  }

  @Test
  void aPingStreamThatJsGaveUpIsOpenedAgain() throws Exception {
    PeerId peer = hostDials();
    assertThat(host.ping(peer)).isPositive();
    // js ends every ping stream after ten seconds.
    Thread.sleep(11_000);
    assertThat(host.ping(peer)).isPositive();
  }

  @Test
  void aKilledPeerIsNoticed() throws Exception {
    PeerId peer = hostDials();
    js.close();
    await().atMost(Duration.ofSeconds(5)).until(() -> !host.connected(peer));
  }

  private boolean echoFromJs(PeerId peer) throws Exception {
    long seed = System.nanoTime();
    System.out.println("echo seed " + seed);
    byte[] data = new byte[ECHO_BYTES];
    new Random(seed).nextBytes(data);
    try (Stream stream = host.open(peer, ECHO)) {
      CompletableFuture<byte[]> back = new CompletableFuture<>();
      Thread.startVirtualThread(
          () -> {
            try {
              back.complete(sha256(stream.in()));
            } catch (Exception e) {
              back.completeExceptionally(e);
            }
          });
      stream.out().write(data);
      stream.out().close();
      byte[] sent = MessageDigest.getInstance("SHA-256").digest(data);
      byte[] received = back.get(60, TimeUnit.SECONDS);
      return HexFormat.of().formatHex(received).equals(HexFormat.of().formatHex(sent));
    }
  }

  private static byte[] sha256(InputStream in) throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    in.transferTo(new DigestOutputStream(java.io.OutputStream.nullOutputStream(), digest));
    return digest.digest();
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(node -> texts.add(node.asText()));
    return texts;
  }

  private static double median(JsonNode array) {
    List<Double> values = new ArrayList<>();
    array.forEach(node -> values.add(node.asDouble()));
    values.sort(null);
    return values.get(values.size() / 2);
  }
}
