package io.atoll.p2p.host;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.atoll.core.identity.Identity;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.core.multiformat.Protocol;
import io.atoll.p2p.negotiate.Multistream;
import io.atoll.p2p.security.SecureChannel;
import io.atoll.p2p.security.noise.Noise;
import io.atoll.p2p.transport.HandshakeLimits;
import io.atoll.p2p.transport.Role;
import io.atoll.p2p.transport.Wire;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A neighbour that means harm, at each layer: its connection ends and is counted, the memory stays
/// within bounds, and an honest peer notices nothing.
@Timeout(60)
class HostileNeighbourTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final int YAMUX_DATA = 0;
  private static final int YAMUX_WINDOW = 1;
  private static final int YAMUX_SYN = 1;
  private static final long MOST_HEAP = 64L << 20;

  private final Identity identity = Identity.generate();
  private final List<AutoCloseable> opened = new ArrayList<>();
  private NetworkHost host;
  private NetworkHost honest;
  private int port;

  @BeforeEach
  void start() throws Exception {
    listen(Duration.ofMillis(700));
    honest = P2p.start(HostConfig.of(Identity.generate(), List.of()));
    opened.add(honest);
    honest.connect(host.id(), host.listening(), TIMEOUT);
  }

  private void listen(Duration handshake) throws IOException {
    HostConfig listening = HostConfig.of(identity, List.of("/ip4/127.0.0.1/tcp/0"));
    host = P2p.start(listening.withHandshakes(new HandshakeLimits(handshake, 20, 10)));
    opened.add(host);
    Multiaddr address = Multiaddr.parse(host.listening().getFirst());
    port = Integer.parseInt(address.value(Protocol.TCP).orElseThrow());
  }

  @AfterEach
  void stop() throws Exception {
    assertThat(honest.connected(host.id())).as("the honest peer is connected still").isTrue();
    assertThat(honest.ping(host.id())).isLessThan(Duration.ofSeconds(2));
    for (AutoCloseable each : opened.reversed()) {
      each.close();
    }
  }

  private Socket socket() throws IOException {
    Socket socket = new Socket("127.0.0.1", port);
    opened.add(socket);
    socket.setSoTimeout(5_000);
    return socket;
  }

  private long counted(String cause) {
    return host.swarm().refusals().counts().getOrDefault(cause, 0L);
  }

  private static void ends(InputStream in) throws IOException {
    byte[] rest = new byte[4096];
    try {
      while (in.read(rest) >= 0) {
        // What was underway still comes.
      }
    } catch (SocketTimeoutException e) {
      throw new AssertionError("the connection goes on", e);
    } catch (IOException reset) {
      // Ended, too.
    }
  }

  @Test
  void whatIsNoHandshakeEndsAtOnce() throws Exception {
    Random random = new Random(1);
    byte[] noise = new byte[5000];
    random.nextBytes(noise);
    noise[0] = 0x7f;
    List<byte[]> messages =
        List.of(
            noise,
            ("GET / HTTP/1.1\r\nHost: " + "x".repeat(80) + "\r\n\r\n").getBytes(US_ASCII),
            new byte[] {-1, -1, -1, -1, -1, -1, -1, -1, -1, 1},
            "\u0013/multistream/1.0.0\n\u0007/plain\n".getBytes(US_ASCII));
    for (byte[] message : messages.subList(0, 3)) {
      Socket socket = socket();
      socket.getOutputStream().write(message);
      ends(socket.getInputStream());
    }
    await().until(() -> counted("handshake-malformed") == 3);
    // One that proposes only what nobody speaks is told so, and has its time.
    Socket stubborn = socket();
    stubborn.getOutputStream().write(messages.getLast());
    ends(stubborn.getInputStream());
    await().until(() -> counted("handshake-timeout") == 1);
  }

  @Test
  void whoStopsInTheMiddleIsCounted() throws Exception {
    Socket silent = socket();
    ends(silent.getInputStream());
    await().until(() -> counted("handshake-timeout") == 1);
    Socket gone = socket();
    gone.getOutputStream().write("\u0013/multistream".getBytes(US_ASCII));
    gone.close();
    await().until(() -> counted("handshake-broken-off") == 1);
  }

  @Test
  void moreHandshakesThanMayBeAreNotBegun() throws Exception {
    // None of the first ten may run out of time before the fortieth comes, on a busy machine, too.
    honest.disconnect(host.id());
    listen(Duration.ofMinutes(1));
    honest.connect(host.id(), host.listening(), TIMEOUT);
    List<Socket> silent = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      silent.add(socket());
    }
    await().until(() -> counted("handshake-too-many") == 30);
    for (Socket each : silent) {
      each.close();
    }
    await().until(() -> counted("handshake-broken-off") == 10);
  }

  /// A neighbour that has proven who it is.
  private SecureChannel muxed() throws IOException {
    Socket socket = socket();
    Wire wire =
        new Wire() {
          @Override
          public InputStream in() {
            return get(socket::getInputStream);
          }

          @Override
          public OutputStream out() {
            return get(socket::getOutputStream);
          }

          @Override
          public void close() {
            get(
                () -> {
                  socket.close();
                  return socket;
                });
          }
        };
    Multistream.propose(wire.in(), wire.out(), List.of("/noise"));
    SecureChannel channel =
        new Noise(Identity.generate()).secure(wire, Role.INITIATOR, identity.id(), List.of());
    Multistream.propose(channel.in(), channel.out(), List.of("/yamux/1.0.0"));
    return channel;
  }

  private interface Asked<T> {
    T get() throws IOException;
  }

  private static <T> T get(Asked<T> asked) {
    try {
      return asked.get();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] frame(int version, int type, int flags, int stream, int length) {
    return ByteBuffer.allocate(12)
        .put((byte) version)
        .put((byte) type)
        .putShort((short) flags)
        .putInt(stream)
        .putInt(length)
        .array();
  }

  @Test
  void framesThatAreNoneEndTheConnection() throws Exception {
    List<byte[]> frames =
        List.of(
            frame(9, YAMUX_DATA, 0, 1, 0),
            frame(0, 77, 0, 1, 0),
            frame(0, YAMUX_DATA, YAMUX_SYN, 2, 0),
            frame(0, YAMUX_DATA, YAMUX_SYN, 1, -1));
    for (byte[] frame : frames) {
      SecureChannel channel = muxed();
      channel.out().write(frame);
      channel.out().flush();
      ends(channel.in());
    }
    await().until(() -> counted("connection-malformed") == frames.size());
  }

  @Test
  void ofAHundredThousandStreamsAFewAreThere() throws Exception {
    System.gc();
    long before = used();
    SecureChannel channel = muxed();
    Thread drain =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    ends(channel.in());
                  } catch (IOException e) {
                    throw new UncheckedIOException(e);
                  }
                });
    ByteBuffer many = ByteBuffer.allocate(12 * 1000);
    int sent = 0;
    try {
      for (int id = 1; sent < 100_000; ) {
        many.clear();
        for (int i = 0; i < 1000; i++, id += 2) {
          many.put(frame(0, YAMUX_WINDOW, YAMUX_SYN, id, 0));
        }
        channel.out().write(many.array());
        channel.out().flush();
        sent += 1000;
        if (sent % 10_000 == 0) {
          assertThat(honest.ping(host.id())).isLessThan(Duration.ofSeconds(2));
          assertThat(host.swarm().resources().streams()).isLessThan(4096);
        }
      }
    } catch (IOException ended) {
      // It may be cut off before.
    }
    System.gc();
    assertThat(used() - before).as("bytes kept").isLessThan(MOST_HEAP);
    channel.close();
    drain.join();
  }

  private static long used() {
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  /// The other end answers nothing, but asks and asks: what waits for it is bounded.
  @Test
  void whoNeverReadsIsCutOff() throws Exception {
    SecureChannel channel = muxed();
    byte[] ping = frame(0, 2, 1, 0, 7);
    ByteBuffer pings = ByteBuffer.allocate(12 * 4000);
    for (int i = 0; i < 4000; i++) {
      pings.put(ping);
    }
    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 4000; i++) {
                channel.out().write(pings.array());
                channel.out().flush();
              }
            })
        .isInstanceOfAny(IOException.class, UncheckedIOException.class);
  }

  @Test
  void aWrongKeyIsNoHandshake() throws Exception {
    Socket socket = socket();
    OutputStream out = socket.getOutputStream();
    Multistream.propose(socket.getInputStream(), out, List.of("/noise"));
    byte[] first = new byte[34];
    first[1] = 32;
    out.write(first); // a point of low order
    out.flush();
    byte[] garbage = new byte[200];
    new Random(3).nextBytes(garbage);
    garbage[0] = 0;
    garbage[1] = (byte) 198;
    try {
      out.write(garbage);
      out.flush();
    } catch (IOException ended) {
      // Some see it at the first message.
    }
    ends(socket.getInputStream());
    await().until(() -> counted("handshake-malformed") == 1);
  }
}
