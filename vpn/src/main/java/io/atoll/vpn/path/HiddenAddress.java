package io.atoll.vpn.path;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// An address and port as 18 bytes, as IPv6, all zero for none; mixed with a pad, so that no
/// gateway finds and changes what it takes for an address. Whoever reads many keeps one of these:
/// mostly it is the same address as before. One thread.
public final class HiddenAddress {
  public static final int BYTES = 18;

  private static final int IP = 16;
  private static final int MAPPED = 10;

  private byte[] plain = new byte[BYTES];
  private byte[] before = new byte[BYTES];
  private @Nullable InetSocketAddress last;

  /// @param pad of 18 bytes or more, never used for another address
  public static void write(ByteBuffer out, @Nullable InetSocketAddress address, byte[] pad) {
    int at = out.position();
    for (int i = 0; i < BYTES; i++) {
      out.put(pad[i]);
    }
    if (address == null) {
      return;
    }
    byte[] ip = address.getAddress().getAddress();
    if (ip.length != IP) {
      mix(out, at + MAPPED, 0xff);
      mix(out, at + MAPPED + 1, 0xff);
    }
    for (int i = 0; i < ip.length; i++) {
      mix(out, at + IP - ip.length + i, ip[i]);
    }
    mix(out, at + IP, address.getPort() >>> 8);
    mix(out, at + IP + 1, address.getPort());
  }

  private static void mix(ByteBuffer out, int at, int with) {
    out.put(at, (byte) (out.get(at) ^ with));
  }

  /// The same object as the last time, if it is the same address.
  public @Nullable InetSocketAddress read(ByteBuffer in, int at, byte[] pad) {
    for (int i = 0; i < BYTES; i++) {
      plain[i] = (byte) (in.get(at + i) ^ pad[i]);
    }
    if (!Arrays.equals(plain, before)) {
      byte[] next = before;
      before = plain;
      plain = next;
      last = address(before);
    }
    return last;
  }

  private static @Nullable InetSocketAddress address(byte[] plain) {
    int port = Short.toUnsignedInt(ByteBuffer.wrap(plain).getShort(IP));
    if (port == 0) {
      return null;
    }
    try {
      // One of IPv4 within IPv6 becomes one of IPv4.
      return new InetSocketAddress(InetAddress.getByAddress(Arrays.copyOf(plain, IP)), port);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("sixteen bytes are an address", e);
    }
  }
}
