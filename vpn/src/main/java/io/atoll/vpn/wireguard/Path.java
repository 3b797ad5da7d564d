package io.atoll.vpn.wireguard;

/// A way on which a datagram came, and on which an answer can go: an address of UDP, a circuit over
/// a relay, a stream. Equal if it is the same way.
public interface Path {
  /// Names the sender's address, to which a cookie is bound: an IP address and two bytes of port,
  /// or what a relay knows its peer by.
  byte[] source();
}
