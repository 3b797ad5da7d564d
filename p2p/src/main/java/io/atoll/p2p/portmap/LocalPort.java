package io.atoll.p2p.portmap;

/// A port that this node listens on.
public record LocalPort(IpProtocol protocol, int port) {
  public LocalPort {
    if (port < 1 || port > 65535) {
      throw new IllegalArgumentException("not a port that can be mapped: " + port);
    }
  }

  @Override
  public String toString() {
    return protocol + " port " + port;
  }
}
