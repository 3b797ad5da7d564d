package io.atoll.runtime.driver;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.atoll.core.os.DescriptorIo;
import io.atoll.core.os.Errno;
import io.atoll.core.os.Messages;
import io.atoll.core.os.TunDevice;
import io.atoll.core.os.UnixDatagram;
import io.atoll.core.term.IpAddress;
import io.atoll.core.term.MacAddress;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// This machine's end of a card, as IP for a test: it plays everybody else in the network. Behind a
/// pair of sockets it answers ARP and neighbour discovery for every address but the payload's.
public final class CardWire implements AutoCloseable {
  private static final int HEADER = 10; // virtio_net_hdr
  private static final int ETHERNET = 14;
  private static final MacAddress OURS = MacAddress.parse("02:00:00:00:00:fe");

  private final NetworkCard card;
  private final DescriptorIo io;
  private final int header;
  private final @Nullable UnixDatagram socket;
  private final @Nullable Path guest;
  private final Messages message = new Messages(1, UnixDatagram.NAME_ROOM);
  private final MemorySegment bytes = Arena.ofAuto().allocate(70_000);

  private final List<IpPackets.Seen> kept = new ArrayList<>();

  private CardWire(
      NetworkCard card,
      DescriptorIo io,
      int header,
      @Nullable UnixDatagram socket,
      @Nullable Path guest) {
    this.card = card;
    this.io = io;
    this.header = header;
    this.socket = socket;
    this.guest = guest;
  }

  /// Takes the end over.
  public static CardWire of(NetworkCard card, CardEnd end) throws IOException {
    return switch (end) {
      case CardEnd.Device(var descriptor) -> {
        TunDevice device = TunDevice.received(descriptor);
        if (!device.name().equals(card.device())) {
          throw new IOException(device.name() + " is not " + card.device());
        }
        device.offload(0);
        int header = device.header() ? HEADER : 0;
        yield new CardWire(card, new DescriptorIo(descriptor), header, null, null);
      }
      case CardEnd.Frames(Path here, Path guest) -> {
        UnixDatagram socket = UnixDatagram.bind(here, 1 << 20);
        yield new CardWire(card, new DescriptorIo(socket.descriptor()), 0, socket, guest);
      }
    };
  }

  void send(byte[] packet) throws IOException {
    if (guest == null) {
      byte[] all = new byte[header + packet.length];
      System.arraycopy(packet, 0, all, header, packet.length);
      put(all);
      return;
    }
    boolean six = packet[0] >>> 4 == 6;
    frame(card.mac(), six ? 0x86dd : 0x0800, packet);
  }

  private void frame(MacAddress to, int type, byte[] payload) throws IOException {
    ByteBuffer frame = ByteBuffer.allocate(ETHERNET + payload.length);
    to.write(frame);
    OURS.write(frame);
    put(frame.putShort((short) type).put(payload).array());
  }

  private void put(byte[] all) throws IOException {
    MemorySegment.copy(all, 0, bytes, ValueLayout.JAVA_BYTE, 0, all.length);
    long sent;
    if (guest == null) {
      sent = io.write(bytes, 0, all.length);
    } else {
      message.data(0, bytes, 0, all.length);
      message.nameLength(0, UnixDatagram.name(message.names(), message.nameAt(0), guest));
      message.segment(0, 0);
      sent = io.send(message, 0);
    }
    // A guest that is not there yet, or does not read, loses it as on any wire.
    if (sent < 0 && guest == null) {
      throw new IOException("writing a packet: errno " + -sent);
    }
  }

  /// The next packet that is like this; others are kept for whoever asks for them.
  Optional<IpPackets.Seen> await(Predicate<IpPackets.Seen> wanted, Duration atMost)
      throws IOException {
    Optional<IpPackets.Seen> early = kept.stream().filter(wanted).findFirst();
    if (early.isPresent()) {
      kept.remove(early.get());
      return early;
    }
    long until = System.nanoTime() + atMost.toNanos();
    while (System.nanoTime() < until) {
      byte[] packet = next();
      if (packet != null && packet.length >= 20) {
        IpPackets.Seen seen = IpPackets.read(packet);
        if (wanted.test(seen)) {
          return Optional.of(seen);
        }
        kept.add(seen);
      }
    }
    return Optional.empty();
  }

  private byte @Nullable [] next() throws IOException {
    long got = io.read(bytes, 0, bytes.byteSize());
    if (got == -Errno.EAGAIN || got == -Errno.EINTR) {
      io.awaitReadable(20);
      return null;
    }
    if (got < 0) {
      throw new IOException("reading a packet: errno " + -got);
    }
    byte[] all = bytes.asSlice(0, got).toArray(ValueLayout.JAVA_BYTE);
    return guest == null ? Arrays.copyOfRange(all, header, all.length) : unwrap(all);
  }

  private byte @Nullable [] unwrap(byte[] frame) throws IOException {
    int type = (frame[12] & 0xff) << 8 | frame[13] & 0xff;
    byte[] payload = Arrays.copyOfRange(frame, ETHERNET, frame.length);
    if (type == 0x0806) {
      answerArp(payload);
      return null;
    }
    if (type == 0x86dd && payload.length >= 64 && payload[6] == 58 && payload[40] == (byte) 135) {
      answerNeighbour(payload);
      return null;
    }
    return type == 0x0800 || type == 0x86dd ? payload : null;
  }

  private void answerArp(byte[] asked) throws IOException {
    boolean request = asked.length >= 28 && asked[7] == 1;
    byte[] target = Arrays.copyOfRange(asked, 24, 28);
    if (!request || Arrays.equals(target, card.v4().bytes())) {
      return;
    }
    ByteBuffer answer = ByteBuffer.allocate(28).put(asked, 0, 6).putShort((short) 2);
    OURS.write(answer);
    answer.put(target).put(asked, 8, 10);
    frame(card.mac(), 0x0806, answer.array());
  }

  private void answerNeighbour(byte[] asked) throws IOException {
    IpAddress target = IpAddress.of(Arrays.copyOfRange(asked, 48, 64));
    IpAddress from = IpAddress.of(Arrays.copyOfRange(asked, 8, 24));
    if (target.equals(card.v6()) || from.equals(IpAddress.parse("::")) || isLinkLocal(target)) {
      return;
    }
    ByteBuffer options = ByteBuffer.allocate(28).putInt(0x60000000);
    options.put(target.bytes()).put((byte) 2).put((byte) 1);
    OURS.write(options);
    frame(card.mac(), 0x86dd, IpPackets.advertisement(target, from, options.array()));
  }

  private static boolean isLinkLocal(IpAddress address) {
    return address.high() >>> 54 == 0xfe80 >>> 6;
  }

  /// Whether the payload's side answers an echo request from somebody to this address of it.
  public boolean pings(IpAddress from, IpAddress to, Duration atMost) throws IOException {
    byte[] data = ("ping " + System.nanoTime()).getBytes(UTF_8);
    long until = System.nanoTime() + atMost.toNanos();
    while (System.nanoTime() < until) {
      send(IpPackets.echo(from, to, data));
      boolean answered =
          await(
                  seen -> seen.answers(data) && seen.from().equals(to) && seen.to().equals(from),
                  Duration.ofMillis(300))
              .isPresent();
      if (answered) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void close() {
    if (socket != null) {
      socket.close();
    }
    io.descriptor().close();
  }
}
