package io.atoll.vpn.wireguard.noise;

import io.atoll.vpn.wireguard.crypto.Blake2s;
import io.atoll.vpn.wireguard.crypto.PublicKey;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;

/// The two macs at the end of initiations and responses, by the key of whom they are for: mac1
/// shows that the sender knows this key, mac2 that it receives at its address (whitepaper §5.4.4).
public final class Macs {
  private static final byte[] MAC1 = "mac1----".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] COOKIE = "cookie--".getBytes(StandardCharsets.US_ASCII);

  private final byte[] mac1Key;
  private final byte[] cookieKey;

  public Macs(PublicKey receiver) {
    mac1Key = Blake2s.hash(MAC1, receiver.bytes());
    cookieKey = Blake2s.hash(COOKIE, receiver.bytes());
  }

  /// Whether a message of at least 32 bytes was made for this receiver.
  public boolean mac1Fits(byte[] message) {
    byte[] mac = Blake2s.mac(mac1Key, message, message.length - 2 * Blake2s.MAC);
    return MessageDigest.isEqual(mac, mac1(message));
  }

  /// Whether the sender of a message of at least 32 bytes has the cookie of its address.
  public static boolean mac2Fits(byte[] message, byte[] cookie) {
    int end = message.length - Blake2s.MAC;
    byte[] mac = Blake2s.mac(cookie, message, end);
    return MessageDigest.isEqual(mac, Arrays.copyOfRange(message, end, message.length));
  }

  void putMac1(byte[] message) {
    int at = message.length - 2 * Blake2s.MAC;
    System.arraycopy(Blake2s.mac(mac1Key, message, at), 0, message, at, Blake2s.MAC);
  }

  static void putMac2(byte[] message, byte[] cookie) {
    int at = message.length - Blake2s.MAC;
    System.arraycopy(Blake2s.mac(cookie, message, at), 0, message, at, Blake2s.MAC);
  }

  static byte[] mac1(byte[] message) {
    int end = message.length - Blake2s.MAC;
    return Arrays.copyOfRange(message, end - Blake2s.MAC, end);
  }

  /// With which cookies for, and from, this receiver are sealed.
  byte[] cookieKey() {
    return cookieKey;
  }
}
