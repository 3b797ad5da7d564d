package io.atoll.vpn.path;

import io.atoll.p2p.udp.PacketKind;
import io.atoll.vpn.wireguard.crypto.ReusableBlake2s;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// A question by which way a node can be reached, or the answer to one; both of one length, so that
/// nobody is answered with more than he sent. They come and go for as long as packets flow, so this
/// is the memory in which one is written and another is read, again and again. One thread.
///
/// ```
///  0 type   4 id of the key   12 token   20 where the question came from, hidden   38 mac
/// ```
public final class Probe {
  public static final int BYTES = 54;

  private static final int PING = 1;
  private static final int PONG = 2;
  private static final int ID = 4;
  private static final int TOKEN = 12;
  private static final int HIDDEN = 20;
  private static final int MAC = 38;
  private static final int SECRET = 32;

  private final ByteBuffer written = ByteBuffer.allocate(BYTES);
  private final ByteBuffer read = ByteBuffer.allocate(BYTES);
  private final byte[] mac = new byte[BYTES - MAC];
  private final ReusableBlake2s pads = ReusableBlake2s.hash();
  private final ByteBuffer padded = ByteBuffer.allocate(SECRET + Long.BYTES + 1);
  private final byte[] pad = new byte[SECRET];
  private final HiddenAddress hidden = new HiddenAddress();

  private boolean answer;
  private @Nullable InetSocketAddress seen;

  /// Writes a question.
  ///
  /// @param key of the direction in which it goes
  /// @return all of it, until the next is written
  public ByteBuffer question(ProbeKey key, long token) {
    return write(PING, key, token, null);
  }

  /// Writes the answer to a question.
  ///
  /// @param key of the direction back
  /// @param token that the question had
  /// @param from where it came from; null where that was no address
  public ByteBuffer answer(ProbeKey key, long token, @Nullable InetSocketAddress from) {
    return write(PONG, key, token, from);
  }

  private ByteBuffer write(int type, ProbeKey key, long token, @Nullable InetSocketAddress from) {
    written.clear();
    written.putInt(PacketKind.OWN | type).putLong(key.id()).putLong(token);
    HiddenAddress.write(written, from, pad(key, token, type));
    key.mac(written.array(), MAC, written.array(), MAC);
    return written.clear();
  }

  /// The id of the key that a packet says it was made with.
  ///
  /// @return 0 if it is no probe at all
  public static long key(ByteBuffer packet) {
    if (packet.remaining() != BYTES) {
      return 0;
    }
    int type = packet.getInt(packet.position()) - PacketKind.OWN;
    return type == PING || type == PONG ? packet.getLong(packet.position() + ID) : 0;
  }

  /// Reads a packet that has said it was made with this key; its position stays.
  ///
  /// @return false if nobody made it who has the key
  public boolean read(ByteBuffer packet, ProbeKey key) {
    if (key(packet) != key.id()) {
      return false;
    }
    packet.get(packet.position(), read.array());
    key.mac(read.array(), MAC, mac, 0);
    int wrong = 0;
    for (int i = 0; i < mac.length; i++) {
      wrong |= mac[i] ^ read.get(MAC + i);
    }
    if (wrong != 0) {
      return false;
    }
    int type = read.getInt(0) - PacketKind.OWN;
    answer = type == PONG;
    seen = hidden.read(read, HIDDEN, pad(key, token(), type));
    return true;
  }

  /// Whether what was read is an answer.
  public boolean answer() {
    return answer;
  }

  public long token() {
    return read.getLong(TOKEN);
  }

  /// In an answer: where the question came from; null where that was no address.
  public @Nullable InetSocketAddress seen() {
    return seen;
  }

  /// What an address is hidden with, so that neither a gateway changes it nor anybody reads it.
  private byte[] pad(ProbeKey key, long token, int type) {
    padded.clear();
    padded.put(key.secret()).putLong(token).put((byte) type);
    pads.sum(padded.array(), padded.capacity(), pad, 0);
    return pad;
  }
}
