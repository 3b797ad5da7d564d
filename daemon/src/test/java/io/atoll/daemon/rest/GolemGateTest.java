package io.atoll.daemon.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.atoll.daemon.gate.GateLab;
import io.atoll.daemon.gate.GateNetworks;
import io.atoll.daemon.rest.GolemHub.Answer;
import io.atoll.daemon.store.KeyRow;
import io.atoll.vpn.gateway.Gate;
import io.atoll.vpn.port.PacketPort;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Golem's ways into networks, with the JDK's WebSocket through a real server. The hub's networks
/// are its own; behind each is the same laboratory.
@Timeout(60)
class GolemGateTest {
  private static final String V1 = "/net-api/v1/net/";
  private static final String V2 = "/net-api/v2/vpn/net/";
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir Path temp;
  private final GateLab lab = new GateLab();
  private final HttpClient http = HttpClient.newHttpClient();
  private GolemHub golem;
  private String mine;
  private String other;
  private String net;

  @BeforeEach
  void start() throws Exception {
    golem =
        new GolemHub(
            temp,
            new GateNetworks() {
              @Override
              public Gate gate(String network, KeyRow caller) {
                return lab.gate("mynet", caller);
              }

              @Override
              public PacketPort raw(String network, String address, KeyRow caller) {
                return lab.raw("mynet", address, caller);
              }
            });
    mine = golem.hub.createKey("mine");
    other = golem.hub.createKey("other");
    Answer made =
        golem.call(
            mine, "POST", "/net-api/v1/net", "{\"ip\":\"10.7.0.0\",\"mask\":\"255.255.255.0\"}");
    net = made.json().path("id").asText();
  }

  @AfterEach
  void stop() throws Exception {
    golem.close();
    http.close();
    lab.close();
  }

  private Caller dial(@Nullable String key, String path) throws Exception {
    Caller caller = new Caller();
    WebSocket.Builder builder = http.newWebSocketBuilder();
    if (key != null) {
      builder.header("authorization", "Bearer " + key);
    }
    URI uri = URI.create("ws" + golem.server.uri().toString().substring(4) + path);
    caller.socket = builder.buildAsync(uri, caller).get(20, TimeUnit.SECONDS);
    return caller;
  }

  /// The answer to a WebSocket that is refused.
  private int refused(@Nullable String key, String path) throws Exception {
    try {
      dial(key, path);
    } catch (ExecutionException e) {
      assertThat(e.getCause()).isInstanceOf(WebSocketHandshakeException.class);
      HttpResponse<?> response = ((WebSocketHandshakeException) e.getCause()).getResponse();
      return response.statusCode();
    }
    throw new AssertionError(path + " was opened");
  }

  /// Messages as they come.
  private static final class Caller implements WebSocket.Listener {
    private final LinkedBlockingQueue<byte[]> came = new LinkedBlockingQueue<>();
    private final ByteArrayOutputStream part = new ByteArrayOutputStream();
    private WebSocket socket;
    volatile int closed;

    void send(byte[] bytes) throws Exception {
      socket.sendBinary(ByteBuffer.wrap(bytes), true).get(10, TimeUnit.SECONDS);
    }

    byte[] next() throws Exception {
      return Objects.requireNonNull(came.poll(20, TimeUnit.SECONDS), "a message");
    }

    String text(int length) throws Exception {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      while (all.size() < length) {
        all.writeBytes(next());
      }
      return all.toString(StandardCharsets.UTF_8);
    }

    @Override
    public @Nullable CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
      byte[] bytes = new byte[data.remaining()];
      data.get(bytes);
      part.writeBytes(bytes);
      if (last) {
        came.add(part.toByteArray());
        part.reset();
      }
      from.request(1);
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
      closed = code;
      return null;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {V1, V2})
  void oneSocketIsOneConnectionAndTextIsBytesToo(String root) throws Exception {
    lab.echo(7);
    Caller caller = dial(mine, root + net + "/tcp/10.7.0.3/7");
    caller.send("hello ".getBytes(StandardCharsets.UTF_8));
    caller.socket.sendText("world", true).get(10, TimeUnit.SECONDS);
    assertThat(caller.text(11)).isEqualTo("hello world");
    caller.socket.sendClose(WebSocket.NORMAL_CLOSURE, "").get(10, TimeUnit.SECONDS);
    await().atMost(PATIENCE).until(() -> lab.connections() == 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {V1, V2})
  void whatCannotBeOpenedIsRefusedBeforeTheSwitch(String root) throws Exception {
    String web = "/tcp/10.7.0.3/7";
    assertThat(refused(null, root + net + web)).isEqualTo(401);
    assertThat(refused("wrong", root + net + web)).isEqualTo(401);
    assertThat(refused(other, root + net + web)).isEqualTo(403);
    assertThat(refused(mine, root + "n000000000000" + web)).isEqualTo(404);
    assertThat(refused(mine, root + net + "/tcp/nobody/7")).isEqualTo(404);
    assertThat(refused(mine, root + net + web)).as("nobody listens").isEqualTo(504);
    assertThat(refused(mine, root + net + "/tcp/10.7.0.3/0")).isEqualTo(400);
    assertThat(refused(mine, root + net + "/raw/from/10.7.0.5/to/10.7.0.4")).isEqualTo(404);
    assertThat(refused(mine, root + net + "/raw/from/x/to/10.7.0.4")).isEqualTo(400);
    // Not asked for as a WebSocket.
    Answer plain = golem.call(mine, "GET", root + net + web, null);
    assertThat(plain.status()).isEqualTo(400);
    assertThat(plain.message()).contains("WebSocket");
    assertThat(lab.connections()).isZero();
  }

  @Test
  void packetsGoBetweenTwoAddressesAndNoOthers() throws Exception {
    assertThat(golem.call(mine, "POST", V1 + net + "/addresses", "{\"ip\":\"10.7.0.5\"}").status())
        .isEqualTo(200);
    assertThat(refused(other, V1 + net + "/raw/from/10.7.0.5/to/10.7.0.4")).isEqualTo(403);
    Caller dns = dial(mine, V1 + net + "/raw/from/10.7.0.5/to/10.7.0.4");
    Caller web = dial(mine, V2 + net + "/raw/from/10.7.0.5/to/10.7.0.3");
    // The laboratory sends back whatever comes to 10.7.0.4; only what is of the pair gets there.
    dns.send(udp("10.7.0.5", "10.7.0.3", "to another"));
    dns.send(udp("10.7.0.9", "10.7.0.4", "from another"));
    dns.send(new byte[] {0x45, 1, 2});
    dns.send(new byte[] {1});
    web.send(udp("10.7.0.5", "10.7.0.4", "past its pair"));
    dns.send(udp("10.7.0.5", "10.7.0.4", "first"));
    dns.send(udp("10.7.0.5", "10.7.0.4", "second"));
    assertThat(payload(dns.next())).isEqualTo("first");
    assertThat(payload(dns.next())).isEqualTo("second");
    // A ping is answered by the stack at 10.7.0.3, and comes to the other socket alone.
    web.send(echo("10.7.0.5", "10.7.0.3"));
    byte[] answer = web.next();
    assertThat(InetAddress.getByAddress(java.util.Arrays.copyOfRange(answer, 12, 16)))
        .isEqualTo(InetAddress.ofLiteral("10.7.0.3"));
    assertThat(answer[20]).as("an echo reply").isZero();
    assertThat(dns.came).isEmpty();
    // The last of them gives the address back, and it can be taken anew.
    List<Caller> both = new ArrayList<>(List.of(dns, web));
    for (Caller caller : both) {
      caller.socket.sendClose(WebSocket.NORMAL_CLOSURE, "").get(10, TimeUnit.SECONDS);
    }
    Caller again = dial(mine, V2 + net + "/raw/from/10.7.0.5/to/10.7.0.4");
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              again.send(udp("10.7.0.5", "10.7.0.4", "again"));
              return again.came.poll(200, TimeUnit.MILLISECONDS) != null;
            });
  }

  @Test
  void theNewestOfAPairTakesThePlaceOfTheOneBefore() throws Exception {
    golem.call(mine, "POST", V1 + net + "/addresses", "{\"ip\":\"10.7.0.5\"}");
    String path = V1 + net + "/raw/from/10.7.0.5/to/10.7.0.4";
    Caller first = dial(mine, path);
    Caller second = dial(mine, path);
    await().atMost(PATIENCE).until(() -> first.closed == 4002);
    second.send(udp("10.7.0.5", "10.7.0.4", "mine now"));
    assertThat(payload(second.next())).isEqualTo("mine now");
  }

  private static String payload(byte[] packet) {
    return new String(packet, 28, packet.length - 28, StandardCharsets.UTF_8);
  }

  /// A packet of IPv4 with a datagram without a sum.
  private static byte[] udp(String from, String to, String text) throws Exception {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    ByteBuffer packet = header(from, to, 17, 8 + body.length);
    packet.putShort((short) 4000).putShort((short) 53);
    packet.putShort((short) (8 + body.length)).putShort((short) 0).put(body);
    return packet.array();
  }

  /// An echo request (RFC 792).
  private static byte[] echo(String from, String to) throws Exception {
    ByteBuffer packet = header(from, to, 1, 8);
    packet.putShort((short) 0x0800).putShort((short) ~(0x0800 + 7 + 9));
    packet.putShort((short) 7).putShort((short) 9);
    return packet.array();
  }

  private static ByteBuffer header(String from, String to, int protocol, int length)
      throws Exception {
    ByteBuffer packet = ByteBuffer.allocate(20 + length);
    packet.putShort((short) 0x4500).putShort((short) packet.capacity());
    packet.putInt(0x4000).putShort((short) (64 << 8 | protocol)).putShort((short) 0);
    packet.put(InetAddress.ofLiteral(from).getAddress());
    packet.put(InetAddress.ofLiteral(to).getAddress());
    int sum = 0;
    for (int i = 0; i < 20; i += 2) {
      sum += packet.getShort(i) & 0xffff;
    }
    return packet.putShort(10, (short) ~((sum & 0xffff) + (sum >>> 16)));
  }
}
