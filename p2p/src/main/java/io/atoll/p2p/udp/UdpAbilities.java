package io.atoll.p2p.udp;

/// What the system does for a UDP socket. It may become less while the socket is used, and come
/// back: a path may refuse what another takes.
///
/// @param nativeCalls whether it is used by calls of its own; else by the JDK, packet by packet
/// @param many whether many messages go in one call
/// @param cuts whether it cuts what it sends into datagrams (`UDP_SEGMENT`)
/// @param joins whether it joins the datagrams that it receives (`UDP_GRO`)
public record UdpAbilities(boolean nativeCalls, boolean many, boolean cuts, boolean joins) {
  static final UdpAbilities CHANNEL = new UdpAbilities(false, false, false, false);
  static final UdpAbilities ALL = new UdpAbilities(true, true, true, true);
}
