package io.atoll.vpn.network;

import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Cidr;
import io.atoll.core.term.IpAddress;
import io.atoll.core.term.NetworkId;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.regex.Pattern;

/// A private network.
///
/// @param name a label of DNS: its members answer to `MEMBER.NAME.internal`
/// @param owner whose signature makes its member list
/// @param v4 any block of private addresses
/// @param v6 a block of unique local addresses (RFC 4193), 64 bits long
public record Network(NetworkId id, String name, PeerId owner, Cidr v4, Cidr v6) {
  private static final Pattern LABEL = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
  private static final int LARGEST_V4 = 8;
  private static final int SMALLEST_V4 = 30;
  private static final int V6_BITS = 64;

  public Network {
    if (!isLabel(name)) {
      throw new IllegalArgumentException(
          "not the name of a network: expected up to 63 of a-z, 0-9 and - inside, such as mynet");
    }
    if (!v4.isV4() || v4.bits() < LARGEST_V4 || v4.bits() > SMALLEST_V4) {
      throw new IllegalArgumentException(
          v4 + " is no block for a network: expected IPv4, a prefix of 8 to 30 bits");
    }
    if (v4.base().isMulticast() || v4.overlaps(Cidr.parse("127.0.0.0/8"))) {
      throw new IllegalArgumentException(v4 + " is no block of addresses for hosts");
    }
    if (v6.isV4() || v6.bits() != V6_BITS) {
      throw new IllegalArgumentException(
          v6 + " is no block for a network: expected IPv6, a prefix of 64 bits");
    }
  }

  /// With a block of IPv6 that follows from the id: no other network has it, and it need not be
  /// told.
  public static Network of(NetworkId id, String name, PeerId owner, Cidr v4) {
    byte[] digest = sha256(("atoll-network-v6 " + id).getBytes(StandardCharsets.US_ASCII));
    byte[] address = new byte[16];
    address[0] = (byte) 0xfd;
    System.arraycopy(digest, 0, address, 1, 7);
    return new Network(id, name, owner, v4, Cidr.around(IpAddress.of(address), V6_BITS));
  }

  /// Whether a text can be the name of a network or of a member (RFC 1035 §2.3.1, in lower case; a
  /// digit may come first, RFC 1123 §2.1).
  public static boolean isLabel(String text) {
    return LABEL.matcher(text).matches();
  }

  /// The address of the switch itself, which answers for names and routes: the first of the block.
  public IpAddress gateway4() {
    return v4.base().plus(1);
  }

  public IpAddress gateway6() {
    return v6.base().plus(1);
  }

  /// Whether a member may have the address: in a block, and neither its first nor its last nor the
  /// switch's.
  public boolean isForMembers(IpAddress address) {
    Cidr block = address.isV4() ? v4 : v6;
    return block.contains(address)
        && !address.equals(block.base())
        && !address.equals(block.base().plus(1))
        && !address.equals(block.last());
  }

  static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
