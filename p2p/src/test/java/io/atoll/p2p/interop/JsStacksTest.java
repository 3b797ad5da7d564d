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
import io.atoll.p2p.host.Stack;
import io.atoll.p2p.host.Stream;
import io.atoll.p2p.perf.Perf;
import io.atoll.p2p.pnet.NetworkKey;
import io.atoll.p2p.testing.Later;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// js-libp2p and our host with each transport and each security, in both directions: identify,
/// ping, megabytes, half close and reset. Plain TCP with Noise is in `JsInteropTest`.
@Tag("real")
@Timeout(120)
class JsStacksTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final int ECHO_BYTES = 4 << 20;
  private static final String ECHO = "/test/echo/1";
  private static final String RESET = "/test/reset/1";
  private final NetworkKey network = NetworkKey.generate();
  private JsPeer js;
  private Host host;

  @BeforeEach
  void start() throws Exception {
    js = new JsPeer();
  }

  @AfterEach
  void stop() throws Exception {
    if (host != null) {
      host.close();
    }
    js.close();
  }

  private void startHost(String stack) throws Exception {
    host =
        P2p.start(
            HostConfig.of(Identity.generate(), List.of(JsPeer.listenAddress(stack)))
                .withAgent("atoll/interop")
                .withStack(
                    stack.endsWith("pnet")
                        ? Stack.standard().withNetwork(network)
                        : Stack.standard()));
    host.handle(Perf.PROTOCOL, stream -> Perf.serve(stream.in(), stream.out()));
    host.handle(
        ECHO,
        stream -> {
          stream.in().transferTo(stream.out());
          stream.out().close();
        });
    host.handle(
        RESET,
        stream -> {
          stream.in().read();
          stream.reset();
        });
  }

  private JsonNode startJs(boolean listen, String stack) throws Exception {
    return stack.endsWith("pnet")
        ? js.start(listen, stack, new String(network.encode(), StandardCharsets.US_ASCII))
        : js.start(listen, stack);
  }

  @ParameterizedTest
  @ValueSource(strings = {"tcp-tls", "ws-noise", "ws-tls", "tcp-noise-pnet", "quic"})
  void jsDials(String stack) throws Exception {
    startHost(stack);
    PeerId peer = PeerId.parse(startJs(false, stack).get("id").asText());
    JsonNode dialled = js.call("dial", "address", host.listening().getFirst());
    assertThat(dialled.get("peer").asText()).isEqualTo(host.id().text());
    await().until(() -> host.connected(peer));
    JsonNode said = js.call("identify");
    assertThat(said.get("agent").asText()).isEqualTo("atoll/interop");
    assertThat(js.call("ping", "count", 5).get("millis")).hasSize(5);
    exchange(peer, stack);
  }

  @ParameterizedTest
  @ValueSource(strings = {"tcp-tls", "ws-noise", "ws-tls", "tcp-noise-pnet", "quic"})
  void weDial(String stack) throws Exception {
    startHost(stack);
    JsonNode started = startJs(true, stack);
    PeerId peer = PeerId.parse(started.get("id").asText());
    List<String> addresses = new ArrayList<>();
    started.get("addresses").forEach(address -> addresses.add(address.asText()));
    host.connect(peer, addresses, TIMEOUT);
    assertThat(js.call("peer", "id", host.id().text()).get("peer").asText())
        .isEqualTo(host.id().text());
    exchange(peer, stack);
  }

  /// Streams in both directions over the one connection.
  private void exchange(PeerId peer, String stack) throws Exception {
    assertThat(P2p.identify(host, peer).agentVersion()).startsWith("js-libp2p/");
    assertThat(host.ping(peer)).isPositive();
    JsonNode hashes = js.call("echo", "bytes", ECHO_BYTES);
    assertThat(hashes.get("received")).isEqualTo(hashes.get("sent"));
    byte[] data = new byte[ECHO_BYTES];
    new Random(5).nextBytes(data);
    try (Stream stream = host.open(peer, ECHO)) {
      var back = Later.run(() -> stream.in().readAllBytes());
      stream.out().write(data);
      stream.out().close();
      assertThat(Arrays.equals(back.get(), data)).isTrue();
    }
    assertThat(js.call("perf", "up", 1_000_000, "down", 700_001).get("bytes").asInt())
        .isEqualTo(700_001);
    try (Stream stream = host.open(peer, Perf.PROTOCOL)) {
      var times = Perf.run(stream.in(), stream.out(), 1_000_000, 700_001);
      assertThat(times.upload()).isPositive();
    }
    // js takes the reset of a QUIC stream for its end.
    String seen = stack.equals("quic") ? "null" : "StreamResetError";
    assertThat(js.call("expectReset").get("error").asText()).isEqualTo(seen);
    Stream stream = host.open(peer, RESET);
    stream.out().write(1);
    assertThatThrownBy(() -> stream.in().read()).hasMessageContaining("reset by the peer");
    assertThatThrownBy(() -> host.open(peer, "/unknown/1")).hasMessageContaining("does not speak");
    assertThat(host.ping(peer)).isPositive();
  }

  @Test
  void withoutTheKeyOfTheNetworkNobodyConnects() throws Exception {
    startHost("tcp-noise-pnet");
    JsonNode started =
        js.start(
            true,
            "tcp-noise-pnet",
            new String(NetworkKey.generate().encode(), StandardCharsets.US_ASCII));
    PeerId peer = PeerId.parse(started.get("id").asText());
    assertThatThrownBy(
            () -> host.connect(peer, List.of(started.get("addresses").get(0).asText()), TIMEOUT))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> js.call("dial", "address", host.listening().getFirst()))
        .hasMessageContaining("js peer, dial");
    assertThat(host.connected(peer)).isFalse();
  }
}
