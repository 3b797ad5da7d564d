package io.atoll.daemon.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.atoll.client.GateConnection;
import io.atoll.client.HubClient;
import io.atoll.client.HubLocation;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.websocket.Closing;
import io.atoll.daemon.gate.GateLab;
import io.atoll.daemon.rest.ServedHub.Answer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// WebSockets into a network, through a real server: with our own client, and with the JDK's.
@Timeout(60)
class GateSocketTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private GateLab lab;
  private ServedHub served;
  private HubClient hub;

  @BeforeEach
  void start() throws Exception {
    lab = new GateLab();
    served = new ServedHub();
    served.server.close();
    served.networks = lab;
    served.server = served.start(0);
    hub = new HubClient(() -> new HubLocation(served.server.uri(), MemoryHub.SECRET, "test"));
  }

  @AfterEach
  void stop() throws Exception {
    served.close();
    lab.close();
  }

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  /// Writes and ends, while another thread reads to the end.
  private static byte[] exchange(GateConnection gate, byte[] sent) throws Exception {
    CompletableFuture<byte[]> read = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                read.complete(rest(gate));
              } catch (Exception | AssertionError e) {
                read.completeExceptionally(e);
              }
            });
    for (int at = 0; at < sent.length; at += 30_000) {
      gate.line().write(sent, at, Math.min(30_000, sent.length - at));
    }
    gate.line().write(sent, 0, 0);
    return read.get(50, TimeUnit.SECONDS);
  }

  /// All that comes until it is closed, which must be in order.
  private static byte[] rest(GateConnection gate) throws Exception {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    byte[] buffer = new byte[50_000];
    for (int n = gate.line().read(buffer, 0, buffer.length);
        n >= 0;
        n = gate.line().read(buffer, 0, buffer.length)) {
      all.write(buffer, 0, n);
    }
    assertThat(gate.line().closing()).isEqualTo(new Closing(Closing.NORMAL, ""));
    return all.toByteArray();
  }

  private void nothingIsLeftOpen() {
    await().atMost(PATIENCE).until(() -> lab.connections() == 0);
  }

  @Test
  void bytesGoBothWaysAndEachSideEndsForItself() throws Exception {
    lab.echo(7);
    byte[] sent = random(3_000_000);
    for (String host : List.of("web", "web.mynet.internal", "10.7.0.3")) {
      try (GateConnection gate = hub.dialTcp("mynet", host, 7)) {
        assertThat(exchange(gate, sent)).isEqualTo(sent);
      }
    }
    nothingIsLeftOpen();
  }

  @Test
  void whatIsInTheWayIsAnAnswerOfHttp() throws Exception {
    fails(ErrorCode.GATEWAY_REFUSED, 504, "web", 7);
    fails(ErrorCode.GATEWAY_UNREACHABLE, 504, "10.7.0.77", 7);
    fails(ErrorCode.NOT_FOUND, 404, "wep", 7);
    fails(ErrorCode.DENIED, 403, "127.0.0.1", 22);
    assertThatThrownBy(() -> hub.dialTcp("other", "web", 7))
        .satisfies(e -> assertThat(((AtollException) e).code()).isEqualTo(ErrorCode.NOT_FOUND));
    HubClient stranger =
        new HubClient(() -> new HubLocation(served.server.uri(), "atk_of-nobody", "test"));
    assertThatThrownBy(() -> stranger.dialTcp("mynet", "web", 7))
        .satisfies(
            e -> assertThat(((AtollException) e).code()).isEqualTo(ErrorCode.UNAUTHENTICATED));
    Answer plain = served.get("/api/v1/networks/mynet/tcp/web/7");
    assertThat(plain.status()).isEqualTo(400);
    assertThat(plain.text()).contains("this is the address of a WebSocket");
    assertThat(served.get("/api/v1/networks/mynet/udp/web/70000").text()).contains("1 to 65535");
  }

  private void fails(ErrorCode code, int status, String host, int port) {
    assertThatThrownBy(() -> hub.dialTcp("mynet", host, port))
        .as(host)
        .satisfies(e -> assertThat(((AtollException) e).code()).isEqualTo(code));
    assertThat(code.httpStatus()).isEqualTo(status);
  }

  @Test
  void whoBreaksOffIsSeenToDoSo() throws Exception {
    CompletableFuture<String> ended = new CompletableFuture<>();
    lab.serve(
        9,
        stream -> {
          try {
            ended.complete("read " + stream.input().read());
          } catch (IOException e) {
            ended.complete(String.valueOf(e.getMessage()));
          }
        });
    hub.dialTcp("mynet", "web", 9).close();
    assertThat(ended.get(20, TimeUnit.SECONDS)).contains("the other side broke the connection off");
    lab.serve(10, stream -> stream.abort());
    try (GateConnection gate = hub.dialTcp("mynet", "web", 10)) {
      assertThat(gate.line().read(new byte[9], 0, 9)).isEqualTo(-1);
      Closing said = Objects.requireNonNull(gate.line().closing());
      assertThat(said.code()).isEqualTo(4000);
      assertThat(said.reason()).contains("broke the connection off");
    }
    nothingIsLeftOpen();
  }

  @Test
  void aSlowReaderHoldsTheMemberBack() throws Exception {
    CompletableFuture<Long> written = new CompletableFuture<>();
    long much = 300L << 20;
    lab.serve(
        11,
        stream -> {
          byte[] block = new byte[1 << 16];
          long done = 0;
          try {
            for (; done < much; done += block.length) {
              stream.output().write(block);
            }
          } finally {
            written.complete(done);
          }
        });
    GateConnection gate = hub.dialTcp("mynet", "web", 11);
    byte[] buffer = new byte[1000];
    assertThat(gate.line().read(buffer, 0, 1000)).isPositive();
    Thread.sleep(500); // Nobody reads meanwhile.
    assertThat(written).isNotDone();
    gate.close();
    assertThat(written.get(20, TimeUnit.SECONDS)).isLessThan(much);
    nothingIsLeftOpen();
  }

  @Test
  void manyAtOnce() throws Exception {
    lab.echo(7);
    byte[] sent = random(40_000);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<byte[]>> all = new ArrayList<>();
      for (int i = 0; i < 300; i++) {
        all.add(
            threads.submit(
                () -> {
                  try (GateConnection gate = hub.dialTcp("mynet", "web", 7)) {
                    return exchange(gate, sent);
                  }
                }));
      }
      for (Future<byte[]> one : all) {
        assertThat(one.get()).isEqualTo(sent);
      }
    }
    nothingIsLeftOpen();
  }

  @Test
  void aMessageIsADatagram() throws Exception {
    try (GateConnection gate = hub.dialUdp("mynet", "dns", 53)) {
      byte[] room = new byte[2000];
      for (int length : new int[] {0, 1, 512, 1392}) {
        byte[] sent = random(length);
        gate.line().write(sent, 0, length);
        assertThat(gate.line().message(room, room.length)).isEqualTo(sent);
      }
      // What the way does not carry is dropped, and the flow goes on.
      gate.line().write(new byte[1393], 0, 1393);
      gate.line().write(new byte[70_000], 0, 70_000);
      gate.line().write(random(7), 0, 7);
      assertThat(gate.line().message(room, room.length)).isEqualTo(random(7));
    }
  }

  @Test
  void aMessageIsAPacketOfAnAddress() throws Exception {
    RawCaller caller = new RawCaller(served.server.uri());
    byte[] datagram = udp("10.7.0.5", "10.7.0.4", "hello");
    caller.send(datagram);
    byte[] back = caller.next();
    assertThat(new String(back, 28, back.length - 28, StandardCharsets.UTF_8)).isEqualTo("hello");
    // With a forged source nothing comes back; the next one does.
    caller.send(udp("10.7.0.3", "10.7.0.4", "forged"));
    caller.send(udp("10.7.0.5", "10.7.0.4", "again"));
    back = caller.next();
    assertThat(new String(back, 28, back.length - 28, StandardCharsets.UTF_8)).isEqualTo("again");
    caller.socket.sendClose(1000, "").get(10, TimeUnit.SECONDS);
    assertThat(served.get("/api/v1/networks/mynet/raw/10.7.0.9").status()).isEqualTo(400);
  }

  /// A packet of IPv4 with a datagram without a sum.
  private static byte[] udp(String from, String to, String text) throws Exception {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    ByteBuffer packet = ByteBuffer.allocate(28 + body.length);
    packet.putShort((short) 0x4500).putShort((short) packet.capacity());
    packet.putInt(0x4000).putShort((short) (64 << 8 | 17)).putShort((short) 0);
    packet.put(InetAddress.ofLiteral(from).getAddress());
    packet.put(InetAddress.ofLiteral(to).getAddress());
    int sum = 0;
    for (int i = 0; i < 20; i += 2) {
      sum += packet.getShort(i) & 0xffff;
    }
    packet.putShort(10, (short) ~((sum & 0xffff) + (sum >>> 16)));
    packet.putShort((short) 4000).putShort((short) 53);
    packet.putShort((short) (8 + body.length)).putShort((short) 0).put(body);
    return packet.array();
  }

  /// The JDK's WebSocket.
  private static final class RawCaller implements WebSocket.Listener {
    final WebSocket socket;
    private final LinkedBlockingQueue<byte[]> came = new LinkedBlockingQueue<>();
    private final CompletableFuture<Integer> closed = new CompletableFuture<>();
    private final ByteArrayOutputStream part = new ByteArrayOutputStream();

    RawCaller(URI api) throws Exception {
      this(api, "/api/v1/networks/mynet/raw/10.7.0.5");
    }

    RawCaller(URI api, String path) throws Exception {
      socket =
          HttpClient.newHttpClient()
              .newWebSocketBuilder()
              .header("Authorization", "Bearer " + MemoryHub.SECRET)
              .buildAsync(URI.create("ws" + api.toString().substring(4) + path), this)
              .get(10, TimeUnit.SECONDS);
    }

    void send(byte[] bytes) throws Exception {
      socket.sendBinary(ByteBuffer.wrap(bytes), true).get(10, TimeUnit.SECONDS);
    }

    byte[] next() throws Exception {
      return Objects.requireNonNull(came.poll(20, TimeUnit.SECONDS), "a message");
    }

    @Override
    public @Nullable CompletionStage<?> onBinary(
        WebSocket webSocket, ByteBuffer data, boolean last) {
      byte[] bytes = new byte[data.remaining()];
      data.get(bytes);
      part.writeBytes(bytes);
      if (last) {
        came.add(part.toByteArray());
        part.reset();
      }
      webSocket.request(1);
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket webSocket, int code, String reason) {
      closed.complete(code);
      return null;
    }
  }

  @Test
  void anyClientOfWebSocketIsUnderstood() throws Exception {
    lab.serve(
        12,
        stream -> {
          byte[] name = stream.input().readNBytes(5);
          stream.output().write(("hello, " + new String(name, StandardCharsets.UTF_8)).getBytes());
        });
    RawCaller caller = new RawCaller(served.server.uri(), "/api/v1/networks/mynet/tcp/web/12");
    caller.socket.sendPing(ByteBuffer.wrap(new byte[] {1, 2, 3})).get(10, TimeUnit.SECONDS);
    caller.send("wor".getBytes(StandardCharsets.UTF_8));
    caller.send(new byte[0]); // means nothing without the subprotocol
    caller.send("ld".getBytes(StandardCharsets.UTF_8));
    StringBuilder heard = new StringBuilder();
    while (heard.length() < "hello, world".length()) {
      heard.append(new String(caller.next(), StandardCharsets.UTF_8));
    }
    assertThat(heard).hasToString("hello, world");
    assertThat(caller.closed.get(20, TimeUnit.SECONDS)).isEqualTo(Closing.NORMAL);
    nothingIsLeftOpen();
  }
}
