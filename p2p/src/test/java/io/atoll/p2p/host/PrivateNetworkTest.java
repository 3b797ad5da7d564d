package io.atoll.p2p.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.atoll.core.identity.Identity;
import io.atoll.p2p.pnet.NetworkKey;
import io.atoll.p2p.swarm.Swarm;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class PrivateNetworkTest {
  private static final Duration DIAL = Duration.ofSeconds(5);
  private static final String TCP = "/ip4/127.0.0.1/tcp/0";
  private final NetworkKey key = NetworkKey.generate();
  private final List<Host> hosts = new ArrayList<>();

  @AfterEach
  void stop() {
    hosts.forEach(Host::close);
  }

  private NetworkHost start(Stack stack, String... listen) throws IOException {
    NetworkHost host =
        P2p.start(HostConfig.of(Identity.generate(), List.of(listen)).withStack(stack));
    hosts.add(host);
    return host;
  }

  private NetworkHost member(String... listen) throws IOException {
    return start(Stack.standard().withNetwork(key), listen);
  }

  private static long outsiders(NetworkHost host) {
    return host.swarm().refusals().counts().getOrDefault(Swarm.OUTSIDE_NETWORK, 0L);
  }

  @ParameterizedTest
  @ValueSource(strings = {TCP, TCP + "/ws"})
  void whoHasTheKeyIsIn(String listen) throws Exception {
    NetworkHost a = member(listen);
    NetworkHost b = member();
    b.connect(a.id(), a.listening(), DIAL);
    assertThat(b.ping(a.id())).isPositive();
    assertThat(outsiders(a) + outsiders(b)).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {TCP, TCP + "/ws"})
  void anotherKeyIsRefusedAtOnceAndCounted(String listen) throws Exception {
    NetworkHost member = member(listen);
    NetworkHost other = start(Stack.standard().withNetwork(NetworkKey.generate()), listen);
    long begun = System.nanoTime();
    assertThatThrownBy(() -> other.connect(member.id(), member.listening(), DIAL))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("key");
    assertThatThrownBy(() -> member.connect(other.id(), other.listening(), DIAL))
        .hasMessageContaining("key");
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(DIAL);
    await().untilAsserted(() -> assertThat(outsiders(member)).isPositive());
    await().untilAsserted(() -> assertThat(outsiders(other)).isPositive());
    assertThat(member.swarm().connections()).isEmpty();
  }

  @Test
  void whoHasNoKeyIsRefusedAndCounted() throws Exception {
    NetworkHost member = member(TCP);
    NetworkHost open = start(Stack.standard(), TCP);
    assertThatThrownBy(() -> open.connect(member.id(), member.listening(), DIAL))
        .isInstanceOf(IOException.class);
    // The first bytes are random; where they look like the length of a longer message, the other
    // end
    // waits for the rest of it, and says nothing.
    await()
        .atMost(DIAL.multipliedBy(4))
        .untilAsserted(
            () ->
                assertThatThrownBy(() -> member.connect(open.id(), open.listening(), DIAL))
                    .hasMessageContaining("private network"));
    await().untilAsserted(() -> assertThat(outsiders(member)).isPositive());
    assertThat(open.swarm().connections()).isEmpty();
  }

  /// It tells nothing of itself but random bytes, and hangs up at the first that makes no sense.
  @Test
  void aStrangerLearnsNothing() throws Exception {
    NetworkHost member = member(TCP);
    String port = member.swarm().listening().getFirst().parts().get(1).value();
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(port))) {
      socket.setSoTimeout((int) DIAL.toMillis());
      OutputStream out = socket.getOutputStream();
      InputStream in = socket.getInputStream();
      out.write("\023/multistream/1.0.0\n\007/noise\n".getBytes(StandardCharsets.US_ASCII));
      byte[] answer;
      try {
        answer = in.readAllBytes();
      } catch (IOException reset) {
        answer = new byte[0];
      }
      assertThat(answer.length).isLessThanOrEqualTo(24);
    }
    await().untilAsserted(() -> assertThat(outsiders(member)).isPositive());
  }

  @Test
  void quicIsNotForAPrivateNetwork() throws Exception {
    assertThatThrownBy(() -> member("/ip4/127.0.0.1/udp/0/quic-v1"))
        .hasMessageContaining("no transport here can listen");
  }
}
