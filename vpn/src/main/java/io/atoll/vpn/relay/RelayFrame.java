package io.atoll.vpn.relay;

import io.atoll.p2p.udp.PacketKind;
import io.atoll.vpn.path.HiddenAddress;
import io.atoll.vpn.wireguard.crypto.Blake2s;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/// What goes to a relay and comes from it beside the packets, and what is before those.
public final class RelayFrame {
  /// Before each packet.
  public static final int HEADER = 8;

  static final int IN = 16;
  static final int BIND = 17;
  static final int OUT = 24;
  static final int BOUND = 25;

  static final int KEY = 32;
  static final int BYTES = 50;
  private static final int COUNTER = 8;
  private static final int SEEN = 16;
  private static final int MAC = 34;

  private RelayFrame() {}

  static int type(ByteBuffer packet) {
    return packet.getInt(packet.position()) - PacketKind.OWN;
  }

  static int number(ByteBuffer packet) {
    return packet.getInt(packet.position() + 4);
  }

  static long counter(ByteBuffer packet) {
    return packet.getLong(packet.position() + COUNTER);
  }

  static byte[] bind(byte[] key, int number, long counter) {
    byte[] frame = new byte[BYTES];
    head(frame, BIND, number, counter).position(MAC).put(Blake2s.mac(key, frame, MAC));
    return frame;
  }

  static byte[] bound(byte[] key, int number, long counter, @Nullable InetSocketAddress seen) {
    byte[] frame = new byte[BYTES];
    ByteBuffer out = head(frame, BOUND, number, counter);
    HiddenAddress.write(out, seen, pad(key, counter));
    out.put(Blake2s.mac(key, frame, MAC));
    return frame;
  }

  private static ByteBuffer head(byte[] frame, int type, int number, long counter) {
    return ByteBuffer.wrap(frame).putInt(PacketKind.OWN | type).putInt(number).putLong(counter);
  }

  /// Whether this is a `bind` or a `bound` that was made with the key.
  static boolean genuine(ByteBuffer packet, byte[] key) {
    if (packet.remaining() != BYTES) {
      return false;
    }
    byte[] bytes = new byte[BYTES];
    packet.get(packet.position(), bytes);
    byte[] mac = new byte[BYTES - MAC];
    packet.get(packet.position() + MAC, mac);
    return MessageDigest.isEqual(mac, Blake2s.mac(key, bytes, MAC));
  }

  /// Where the relay saw whoever is bound; null if not at an address.
  static @Nullable InetSocketAddress seen(ByteBuffer bound, byte[] key) {
    return new HiddenAddress().read(bound, bound.position() + SEEN, pad(key, counter(bound)));
  }

  private static byte[] pad(byte[] key, long counter) {
    return Blake2s.hash(key, ByteBuffer.allocate(Long.BYTES).putLong(counter).array());
  }
}
