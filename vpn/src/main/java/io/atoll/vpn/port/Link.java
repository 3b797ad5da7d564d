package io.atoll.vpn.port;

/// What a port's packets begin with.
public enum Link {
  /// The header of IPv4 or IPv6.
  IP(0),

  /// A header of Ethernet: destination, source, type.
  ETHERNET(14);

  private final int bytes;

  Link(int bytes) {
    this.bytes = bytes;
  }

  /// How long the header before the packet of IP is.
  public int bytes() {
    return bytes;
  }
}
