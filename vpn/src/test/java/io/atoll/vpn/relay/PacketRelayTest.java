package io.atoll.vpn.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.testing.Fuzz;
import io.atoll.p2p.host.HostConfig;
import io.atoll.p2p.host.NetworkHost;
import io.atoll.p2p.host.P2p;
import io.atoll.p2p.host.Stream;
import io.atoll.p2p.udp.PacketKind;
import io.atoll.p2p.udp.UdpSocket;
import io.atoll.vpn.stream.PacketStreams;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A relay on loopback, and clients that speak to it byte by byte.
@Timeout(60)
class PacketRelayTest {
  private static final RelayLimits LIMITS =
      new RelayLimits(6, 3, 1_000_000, 100_000_000, Duration.ofMinutes(2));

  private final List<AutoCloseable> opened = new ArrayList<>();
  private NetworkHost host;
  private UdpSocket socket;
  private PacketRelay relay;

  @BeforeEach
  void start() throws Exception {
    host = host();
    socket = UdpSocket.bind(new InetSocketAddress("127.0.0.1", 0));
    opened.add(socket);
    PacketStreams streams = PacketStreams.start(host, _ -> false);
    opened.add(streams);
    relay =
        PacketRelay.start(
            host,
            socket,
            streams,
            _ -> true,
            () -> List.of(socket.address()),
            LIMITS,
            new Random(3));
    opened.add(relay);
  }

  private NetworkHost host() throws IOException {
    NetworkHost made =
        P2p.start(HostConfig.of(Identity.generate(), List.of("/ip4/127.0.0.1/tcp/0")));
    opened.add(made);
    return made;
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable each : opened.reversed()) {
      each.close();
    }
  }

  /// What a client has: a line of messages, and a socket.
  private final class Client implements AutoCloseable {
    final PeerId id;
    final DataInputStream in;
    final DataOutputStream out;
    final DatagramSocket udp = new DatagramSocket(new InetSocketAddress("127.0.0.1", 0));

    Client() throws Exception {
      NetworkHost own = host();
      id = own.id();
      own.connect(host.id(), host.listening(), Duration.ofSeconds(10));
      Stream stream = own.open(host.id(), PacketRelay.PROTOCOL);
      in = new DataInputStream(stream.in());
      out = new DataOutputStream(stream.out());
      udp.setSoTimeout(300);
      opened.add(this);
    }

    void say(RelayMessage message) throws IOException {
      byte[] bytes = message.write();
      out.writeShort(bytes.length);
      out.write(bytes);
      out.flush();
    }

    RelayMessage hear() throws IOException {
      byte[] bytes = new byte[in.readUnsignedShort()];
      in.readFully(bytes);
      RelayMessage message = RelayMessage.read(bytes);
      assertThat(message).isNotNull();
      return message;
    }

    /// The seat that it gets beside another.
    RelayMessage.Given meet(Client other, int tag) throws IOException {
      say(new RelayMessage.Meet(other.id, tag));
      return hear(RelayMessage.Given.class);
    }

    <T extends RelayMessage> T hear(Class<T> kind) throws IOException {
      while (true) {
        RelayMessage message = hear();
        if (kind.isInstance(message)) {
          return kind.cast(message);
        }
      }
    }

    void send(byte[] bytes) throws IOException {
      udp.send(new DatagramPacket(bytes, bytes.length, socket.address()));
    }

    void sendPacket(RelayMessage.Given seat, byte[] packet) throws IOException {
      send(
          ByteBuffer.allocate(8 + packet.length)
              .putInt(PacketKind.OWN | RelayFrame.IN)
              .putInt(seat.number())
              .put(packet)
              .array());
    }

    /// Null if nothing comes.
    ByteBuffer receive() throws IOException {
      DatagramPacket packet = new DatagramPacket(new byte[2000], 2000);
      try {
        udp.receive(packet);
      } catch (SocketTimeoutException silence) {
        return null;
      }
      return ByteBuffer.wrap(Arrays.copyOf(packet.getData(), packet.getLength()));
    }

    void bind(RelayMessage.Given seat, long counter) throws IOException {
      send(RelayFrame.bind(seat.key(), seat.number(), counter));
      ByteBuffer answer = receive();
      assertThat(answer).isNotNull();
      assertThat(RelayFrame.type(answer)).isEqualTo(RelayFrame.BOUND);
      assertThat(RelayFrame.genuine(answer, seat.key())).isTrue();
      assertThat(answer.remaining()).as("no more than was asked").isEqualTo(RelayFrame.BYTES);
      assertThat(RelayFrame.seen(answer, seat.key())).isEqualTo(udp.getLocalSocketAddress());
    }

    @Override
    public void close() {
      udp.close();
    }
  }

  private static byte[] packet(int length, int fill) {
    byte[] packet = new byte[length];
    Arrays.fill(packet, (byte) fill);
    return packet;
  }

  @Test
  void packetsPassBetweenThoseWhoAskedForEachOther() throws Exception {
    Client one = new Client();
    Client other = new Client();
    RelayMessage.Given ones = one.meet(other, 71);
    assertThat(other.hear()).isEqualTo(new RelayMessage.Asked(one.id));
    one.bind(ones, 1);
    one.sendPacket(ones, packet(100, 1));
    await().until(() -> relay.counts().nowhere() == 1);
    RelayMessage.Given others = other.meet(one, 72);
    assertThat(one.hear(RelayMessage.Met.class).node()).isEqualTo(other.id);
    assertThat(other.hear(RelayMessage.Met.class).node()).isEqualTo(one.id);
    other.bind(others, 1);
    for (int i = 0; i < 200; i++) {
      one.sendPacket(ones, packet(100 + i % 3, i));
      ByteBuffer got = other.receive();
      assertThat(got).isNotNull();
      assertThat(RelayFrame.type(got)).isEqualTo(RelayFrame.OUT);
      assertThat(RelayFrame.number(got)).as("what the receiver wanted").isEqualTo(72);
      assertThat(Arrays.copyOfRange(got.array(), 8, got.remaining()))
          .as("unchanged")
          .isEqualTo(packet(100 + i % 3, i));
    }
    other.sendPacket(others, packet(9, 9));
    ByteBuffer back = one.receive();
    assertThat(back).isNotNull();
    assertThat(RelayFrame.number(back)).isEqualTo(71);
    assertThat(relay.counts().packets()).isEqualTo(201);
    one.say(new RelayMessage.Leave(other.id));
    await().until(() -> relay.counts().seats() == 1);
    other.sendPacket(others, packet(9, 9));
    assertThat(one.receive()).isNull();
  }

  @Test
  void nobodyElseGetsAnythingThrough() throws Exception {
    Client one = new Client();
    Client other = new Client();
    Client thief = new Client();
    RelayMessage.Given ones = one.meet(other, 1);
    RelayMessage.Given others = other.meet(one, 2);
    one.bind(ones, 5);
    other.bind(others, 5);
    // The number alone is not enough: it counts from where the seat is bound.
    thief.sendPacket(ones, packet(50, 1));
    // Nor is what was overheard: a binding counts once.
    thief.send(RelayFrame.bind(ones.key(), ones.number(), 5));
    thief.send(RelayFrame.bind(packet(32, 0), ones.number(), 6));
    assertThat(thief.receive()).isNull();
    assertThat(other.receive()).isNull();
    assertThat(relay.counts().strangers()).isEqualTo(3);
    // Who moves says so.
    one.send(RelayFrame.bind(ones.key(), ones.number(), 6));
    assertThat(one.receive()).isNotNull();
    // Asked for again it has another key; what was said under the old one is over.
    RelayMessage.Given renewed = one.meet(other, 1);
    assertThat(renewed.key()).isNotEqualTo(ones.key());
    one.send(RelayFrame.bind(ones.key(), ones.number(), 7));
    assertThat(one.receive()).isNull();
  }

  @Test
  void everythingIsLimited() throws Exception {
    Client one = new Client();
    List<Client> others = List.of(new Client(), new Client(), new Client(), new Client());
    List<RelayMessage.Given> seats = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      seats.add(one.meet(others.get(i), i));
    }
    one.say(new RelayMessage.Meet(others.get(3).id, 4));
    assertThat(one.hear(RelayMessage.Refused.class).node()).isEqualTo(others.get(3).id);
    one.say(new RelayMessage.Meet(one.id, 4));
    assertThat(one.hear(RelayMessage.Refused.class).node()).isEqualTo(one.id);
    assertThat(relay.counts().refused()).isEqualTo(2);
    Client other = others.getFirst();
    RelayMessage.Given back = other.meet(one, 9);
    one.bind(seats.getFirst(), 1);
    other.bind(back, 1);
    // Half a second's worth at once, and no more.
    for (int i = 0; i < 1000; i++) {
      one.sendPacket(seats.getFirst(), packet(1400, 1));
    }
    await()
        .until(
            () -> {
              RelayCounts counts = relay.counts();
              return counts.overLimit() > 100 && counts.bytes() > 400_000;
            });
    assertThat(relay.counts().bytes()).isLessThan(1_400_000);
  }

  @Test
  void newsPassUnread() throws Exception {
    Client one = new Client();
    Client other = new Client();
    one.say(new RelayMessage.Tell(other.id, packet(1000, 3)));
    RelayMessage.Told told = other.hear(RelayMessage.Told.class);
    assertThat(told.node()).isEqualTo(one.id);
    assertThat(told.news()).isEqualTo(packet(1000, 3));
  }

  /// Whatever comes to the socket: nothing leaves it that was not asked for, and nothing fails.
  @Test
  void damagedFrames() throws Exception {
    Client one = new Client();
    Client other = new Client();
    RelayMessage.Given ones = one.meet(other, 1);
    RelayMessage.Given others = other.meet(one, 2);
    one.bind(ones, 1);
    other.bind(others, 1);
    byte[] bind = RelayFrame.bind(ones.key(), ones.number(), 2);
    byte[] bound = RelayFrame.bound(ones.key(), ones.number(), 2, socket.address());
    Fuzz.rounds(
        "relay frames",
        20_000,
        random -> {
          byte[] bytes = Fuzz.bytes(random, List.of(bind, bound));
          ByteBuffer frame = ByteBuffer.wrap(bytes);
          if (PacketKind.of(frame).orElse(null) == PacketKind.RELAY
              && RelayFrame.type(frame) == 17) {
            assertThat(RelayFrame.genuine(frame, ones.key())).isEqualTo(Arrays.equals(bytes, bind));
          }
          if (frame.remaining() == RelayFrame.BYTES) {
            RelayFrame.seen(frame, ones.key());
          }
        });
    Random random = new Random(4);
    for (int i = 0; i < 500; i++) {
      one.send(Fuzz.bytes(random, List.of(bound)));
    }
    one.sendPacket(ones, packet(10, 1));
    assertThat(other.receive()).isNotNull();
  }

  @Test
  void damagedMessages() {
    PeerId node = Identity.generate().id();
    List<byte[]> samples =
        List.of(
            new RelayMessage.Meet(node, 7).write(),
            new RelayMessage.Leave(node).write(),
            new RelayMessage.Tell(node, packet(20, 1)).write(),
            new RelayMessage.Given(node, 3, packet(32, 1), List.of("192.0.2.1:7", "[::1]:7"), 7)
                .write(),
            new RelayMessage.Told(node, packet(20, 1)).write(),
            new RelayMessage.Refused(node, "no").write());
    Fuzz.rounds(
        "relay messages",
        20_000,
        random -> {
          byte[] bytes = Fuzz.bytes(random, samples);
          try {
            RelayMessage message = RelayMessage.read(bytes);
            if (message instanceof RelayMessage.Given given) {
              assertThat(given.key()).hasSize(32);
              given.addresses().forEach(RelayAddress::parse);
            }
          } catch (IOException refused) {
            assertThat(refused.getMessage()).isNotEmpty();
          }
        });
  }
}
