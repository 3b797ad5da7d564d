package io.atoll.vpn.path;

import io.atoll.p2p.udp.PacketKind;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/// A question by which way a node can be reached, or the answer to one; both of one length, so that
/// nobody is answered with more than he sent.
///
/// @param key of the direction in which it goes
/// @param answer whether it is one
/// @param token that the question had
/// @param seen in an answer: where the question came from; null where that was no address
public record Probe(ProbeKey key, boolean answer, long token, @Nullable InetSocketAddress seen) {
  public static final int BYTES = 54;

  private static final int PING = 1;
  private static final int PONG = 2;
  private static final int HIDDEN = 20;
  private static final int MAC = 38;

  public static Probe question(ProbeKey key, long token) {
    return new Probe(key, false, token, null);
  }

  /// @param key of the direction back
  public Probe answeredBy(ProbeKey key, @Nullable InetSocketAddress from) {
    return new Probe(key, true, token, from);
  }

  public byte[] write() {
    int type = answer ? PONG : PING;
    ByteBuffer out = ByteBuffer.allocate(BYTES);
    out.putInt(PacketKind.OWN | type).putLong(key.id()).putLong(token);
    HiddenAddress.write(out, seen, key.pad(token, type));
    out.put(key.mac(out.array(), MAC));
    return out.array();
  }

  /// Reads a packet; its position stays.
  ///
  /// @param keys of whoever may send to this node, by their ids
  /// @return null for what nobody of them sent
  public static @Nullable Probe read(ByteBuffer packet, LongFunction<@Nullable ProbeKey> keys) {
    int at = packet.position();
    if (packet.remaining() != BYTES) {
      return null;
    }
    int type = packet.getInt(at) - PacketKind.OWN;
    ProbeKey key = type == PING || type == PONG ? keys.apply(packet.getLong(at + 4)) : null;
    if (key == null) {
      return null;
    }
    byte[] bytes = new byte[BYTES];
    packet.get(at, bytes);
    byte[] mac = new byte[BYTES - MAC];
    packet.get(at + MAC, mac);
    if (!MessageDigest.isEqual(mac, key.mac(bytes, MAC))) {
      return null;
    }
    long token = packet.getLong(at + 12);
    InetSocketAddress seen = HiddenAddress.read(packet, at + HIDDEN, key.pad(token, type));
    return new Probe(key, type == PONG, token, seen);
  }
}
