package io.atoll.vpn.path;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// An address and port as 18 bytes, as IPv6, all zero for none; mixed with a pad, so that no
/// gateway finds and changes what it takes for an address.
public final class HiddenAddress {
  public static final int BYTES = 18;

  private static final int IP = 16;

  private HiddenAddress() {}

  /// @param pad of 18 bytes or more, never used for another address
  public static void write(ByteBuffer out, @Nullable InetSocketAddress address, byte[] pad) {
    ByteBuffer plain = ByteBuffer.allocate(BYTES);
    if (address != null) {
      byte[] ip = address.getAddress().getAddress();
      if (ip.length == IP) {
        plain.put(0, ip);
      } else {
        plain.putShort(10, (short) 0xffff).put(12, ip);
      }
      plain.putShort(IP, (short) address.getPort());
    }
    for (int i = 0; i < BYTES; i++) {
      out.put((byte) (plain.get(i) ^ pad[i]));
    }
  }

  public static @Nullable InetSocketAddress read(ByteBuffer in, int at, byte[] pad) {
    byte[] plain = new byte[BYTES];
    for (int i = 0; i < BYTES; i++) {
      plain[i] = (byte) (in.get(at + i) ^ pad[i]);
    }
    ByteBuffer view = ByteBuffer.wrap(plain);
    int port = Short.toUnsignedInt(view.getShort(IP));
    if (port == 0) {
      return null;
    }
    byte[] ip = new byte[IP];
    view.get(0, ip);
    try {
      // One of IPv4 within IPv6 becomes one of IPv4.
      return new InetSocketAddress(InetAddress.getByAddress(ip), port);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("sixteen bytes are an address", e);
    }
  }
}
