package io.atoll.p2p.portmap;

import io.atoll.p2p.portmap.MapOutcome.Cause;
import io.atoll.p2p.portmap.MapOutcome.Mapped;
import io.atoll.p2p.portmap.MapOutcome.NotMapped;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// PCP, RFC 6887: its operation MAP.
final class Pcp implements PortProtocol {
  private static final int TRIES = 4;
  private static final int LAST_TRIES = 2;
  private static final int VERSION = 2;
  private static final int MAP = 1;
  private static final int ANSWER = 0x80;
  private static final int HEADER = 24;
  private static final int WHOLE = 60;
  private static final int NONCE = 12;
  private static final int ADDRESS = 16;

  private final InetSocketAddress gateway;

  /// Who knows the number that a mapping was made with may change it, and nobody else.
  private final Map<LocalPort, byte[]> nonces = new HashMap<>();

  Pcp(InetSocketAddress gateway) {
    this.gateway = gateway;
  }

  @Override
  public String name() {
    return "PCP";
  }

  @Override
  public MapOutcome map(LocalPort port, int external, Duration lifetime)
      throws InterruptedException {
    try (Exchange exchange = new Exchange(gateway)) {
      byte[] nonce = nonce(port);
      byte[] request =
          request(exchange.local(), port, nonce, external, unspecified(), lifetime.toSeconds());
      Optional<Answer> answer = exchange.ask(request, TRIES, packet -> read(packet, port, nonce));
      if (answer.isEmpty()) {
        return failed(Cause.NO_ANSWER, "does not answer");
      }
      return switch (answer.get()) {
        case Granted granted -> mapped(granted);
        case Refused refused -> refused(refused.result);
      };
    } catch (IOException e) {
      return failed(Cause.NO_GATEWAY, "cannot be asked: " + e.getMessage());
    }
  }

  private MapOutcome mapped(Granted granted) {
    if (granted.external.getPort() == 0 || granted.external.getAddress().isAnyLocalAddress()) {
      return failed(Cause.MALFORMED, "gave no address or port");
    }
    return new Mapped(granted.external, Duration.ofSeconds(granted.seconds), name());
  }

  @Override
  public void unmap(LocalPort port, Mapped mapped) throws InterruptedException {
    try (Exchange exchange = new Exchange(gateway)) {
      byte[] nonce = nonce(port);
      byte[] request = request(exchange.local(), port, nonce, 0, unspecified(), 0);
      exchange.ask(request, LAST_TRIES, packet -> read(packet, port, nonce));
    } catch (IOException gone) {
      // It ends by itself when its time is over.
    }
  }

  private byte[] nonce(LocalPort port) {
    return nonces.computeIfAbsent(
        port,
        _ -> {
          byte[] fresh = new byte[NONCE];
          new SecureRandom().nextBytes(fresh);
          return fresh;
        });
  }

  /// No wish which address it is to be, of the family of this node's own.
  private static byte[] unspecified() {
    return mappedForm(new byte[4]);
  }

  static byte[] request(
      InetAddress own, LocalPort port, byte[] nonce, int external, byte[] address, long seconds) {
    return ByteBuffer.allocate(WHOLE)
        .put((byte) VERSION)
        .put((byte) MAP)
        .putShort((short) 0)
        .putInt((int) Math.min(Integer.MAX_VALUE, seconds))
        .put(mappedForm(own.getAddress()))
        .put(nonce)
        .put((byte) port.protocol().number())
        .put(new byte[3])
        .putShort((short) port.port())
        .putShort((short) external)
        .put(address)
        .array();
  }

  /// IPv4 addresses as IPv6 ones, `::ffff:a.b.c.d`.
  private static byte[] mappedForm(byte[] address) {
    if (address.length == ADDRESS) {
      return address;
    }
    byte[] whole = new byte[ADDRESS];
    whole[10] = (byte) 0xff;
    whole[11] = (byte) 0xff;
    System.arraycopy(address, 0, whole, 12, 4);
    return whole;
  }

  sealed interface Answer {}

  record Granted(InetSocketAddress external, long seconds) implements Answer {}

  record Refused(int result) implements Answer {}

  /// @return nothing if the packet is no answer to that request
  static Optional<Answer> read(byte[] packet, LocalPort port, byte[] nonce) {
    ByteBuffer in = ByteBuffer.wrap(packet);
    if (packet.length < 4) {
      return Optional.empty();
    }
    int version = in.get() & 0xff;
    int operation = in.get() & 0xff;
    if (version == 0 && operation >= ANSWER) {
      return Optional.of(new Refused(1)); // a gateway that speaks NAT-PMP alone says so
    }
    in.get();
    int result = in.get() & 0xff;
    if (version != VERSION || operation != (ANSWER | MAP) || packet.length < HEADER) {
      return Optional.empty();
    }
    long seconds = in.getInt() & 0xffffffffL;
    if (packet.length < WHOLE) {
      return result == 0 ? Optional.empty() : Optional.of(new Refused(result));
    }
    in.position(HEADER);
    byte[] echoed = new byte[NONCE];
    in.get(echoed);
    int protocol = in.get() & 0xff;
    in.position(in.position() + 3);
    int internal = in.getShort() & 0xffff;
    if (!Arrays.equals(echoed, nonce)
        || protocol != port.protocol().number()
        || internal != port.port()) {
      return Optional.empty();
    }
    if (result != 0) {
      return Optional.of(new Refused(result));
    }
    int external = in.getShort() & 0xffff;
    byte[] address = new byte[ADDRESS];
    in.get(address);
    try {
      // Java makes an IPv4 address of the mapped form.
      InetAddress found = InetAddress.getByAddress(address);
      return found instanceof Inet4Address || !found.isAnyLocalAddress()
          ? Optional.of(new Granted(new InetSocketAddress(found, external), seconds))
          : Optional.empty();
    } catch (UnknownHostException e) {
      throw new IllegalStateException("16 bytes are an address", e);
    }
  }

  private NotMapped refused(int result) {
    return switch (result) {
      case 1, 4, 5, 9 -> failed(Cause.NOT_SUPPORTED, "does not map ports");
      case 2 -> failed(Cause.REFUSED, "is set up not to map ports");
      case 7 -> failed(Cause.NO_EXTERNAL_ADDRESS, "has no network outside");
      case 8, 10, 11, 13 -> failed(Cause.NO_RESOURCES, "has no room for another mapping");
      case 12 -> failed(Cause.REFUSED, "is not the only NAT on the way to it");
      default -> failed(Cause.MALFORMED, "answered with result " + result);
    };
  }

  private NotMapped failed(Cause cause, String what) {
    return new NotMapped(
        cause, "gateway " + gateway.getAddress().getHostAddress() + " " + what + " (PCP)");
  }
}
