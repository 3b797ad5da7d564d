package io.atoll.vpn.vswitch;

import io.atoll.core.term.IpAddress;
import io.atoll.core.term.MacAddress;
import io.atoll.vpn.network.Member;
import io.atoll.vpn.network.Network;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/// Who is behind an Ethernet port of the switch, and what it is told of the network.
///
/// @param card the address of the guest's own card
/// @param mtu the longest packet of IP in this network
/// @param leaves whether the network has a way out, so that the switch is a router to the rest
record Guest(Network network, Member member, MacAddress card, int mtu, boolean leaves) {
  /// The router's address on every link (RFC 4291 §2.5.6).
  static final IpAddress ROUTER = IpAddress.parse("fe80::1");

  /// The card of the switch: the same in all of a network, and no vendor's (the bit of locally
  /// given addresses is set).
  MacAddress router() {
    try {
      byte[] name = ("atoll-router " + network.id()).getBytes(StandardCharsets.US_ASCII);
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(name);
      byte[] six = Arrays.copyOf(digest, MacAddress.BYTES);
      six[0] = 0x02;
      return MacAddress.parse(HexFormat.of().formatHex(six));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /// The domain in which its own name and those of the others are.
  String domain() {
    return network.name() + ".internal";
  }
}
