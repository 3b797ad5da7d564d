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
import java.time.Duration;
import java.util.Optional;

/// NAT-PMP, RFC 6886.
final class NatPmp implements PortProtocol {
  private static final int TRIES = 4;
  private static final int LAST_TRIES = 2;
  private static final int ANSWER = 128;

  private final InetSocketAddress gateway;

  NatPmp(InetSocketAddress gateway) {
    this.gateway = gateway;
  }

  @Override
  public String name() {
    return "NAT-PMP";
  }

  @Override
  public MapOutcome map(LocalPort port, int external, Duration lifetime)
      throws InterruptedException {
    try (Exchange exchange = new Exchange(gateway)) {
      Optional<Answer> address =
          exchange.ask(new byte[] {0, 0}, TRIES, packet -> read(packet, 0, port));
      if (address.isEmpty()) {
        return failed(Cause.NO_ANSWER, "does not answer");
      }
      if (!(address.get() instanceof Address found)) {
        return refused(address.get());
      }
      if (found.address.isAnyLocalAddress()) {
        return failed(Cause.NO_EXTERNAL_ADDRESS, "has no address outside");
      }
      byte[] request = request(port, external, lifetime.toSeconds());
      Optional<Answer> answer =
          exchange.ask(request, TRIES, packet -> read(packet, operation(port), port));
      if (answer.isEmpty()) {
        return failed(Cause.NO_ANSWER, "does not answer");
      }
      if (!(answer.get() instanceof Granted granted) || granted.external == 0) {
        return refused(answer.get());
      }
      return new Mapped(
          new InetSocketAddress(found.address, granted.external),
          Duration.ofSeconds(granted.seconds),
          name());
    } catch (IOException e) {
      return failed(Cause.NO_GATEWAY, "cannot be asked: " + e.getMessage());
    }
  }

  @Override
  public void unmap(LocalPort port, Mapped mapped) throws InterruptedException {
    try (Exchange exchange = new Exchange(gateway)) {
      exchange.ask(request(port, 0, 0), LAST_TRIES, packet -> read(packet, operation(port), port));
    } catch (IOException gone) {
      // It ends by itself when its time is over.
    }
  }

  private static int operation(LocalPort port) {
    return switch (port.protocol()) {
      case UDP -> 1;
      case TCP -> 2;
    };
  }

  private static byte[] request(LocalPort port, int external, long seconds) {
    return ByteBuffer.allocate(12)
        .put((byte) 0)
        .put((byte) operation(port))
        .putShort((short) 0)
        .putShort((short) port.port())
        .putShort((short) external)
        .putInt((int) Math.min(Integer.MAX_VALUE, seconds))
        .array();
  }

  sealed interface Answer {}

  record Address(Inet4Address address) implements Answer {}

  record Granted(int external, long seconds) implements Answer {}

  record Refused(int result) implements Answer {}

  /// @return nothing if the packet is no answer to that operation
  static Optional<Answer> read(byte[] packet, int operation, LocalPort port) {
    ByteBuffer in = ByteBuffer.wrap(packet);
    if (packet.length < 8 || in.get() != 0 || (in.get() & 0xff) != ANSWER + operation) {
      return Optional.empty();
    }
    int result = in.getShort() & 0xffff;
    in.getInt(); // how long the gateway runs
    if (result != 0) {
      return Optional.of(new Refused(result));
    }
    if (operation == 0) {
      return packet.length < 12 ? Optional.empty() : address(in);
    }
    if (packet.length < 16 || (in.getShort() & 0xffff) != port.port()) {
      return Optional.empty();
    }
    return Optional.of(new Granted(in.getShort() & 0xffff, in.getInt() & 0xffffffffL));
  }

  private static Optional<Answer> address(ByteBuffer in) {
    byte[] bytes = new byte[4];
    in.get(bytes);
    try {
      return Optional.of(new Address((Inet4Address) InetAddress.getByAddress(bytes)));
    } catch (UnknownHostException e) {
      throw new IllegalStateException("four bytes are an address", e);
    }
  }

  private NotMapped refused(Answer answer) {
    if (!(answer instanceof Refused refused)) {
      return failed(Cause.MALFORMED, "gave port 0");
    }
    return switch (refused.result) {
      case 1, 5 -> failed(Cause.NOT_SUPPORTED, "does not map ports");
      case 2 -> failed(Cause.REFUSED, "is set up not to map ports");
      case 3 -> failed(Cause.NO_EXTERNAL_ADDRESS, "has no network outside");
      case 4 -> failed(Cause.NO_RESOURCES, "has no room for another mapping");
      default -> failed(Cause.MALFORMED, "answered with the unknown result " + refused.result);
    };
  }

  private NotMapped failed(Cause cause, String what) {
    return new NotMapped(
        cause, "gateway " + gateway.getAddress().getHostAddress() + " " + what + " (NAT-PMP)");
  }
}
