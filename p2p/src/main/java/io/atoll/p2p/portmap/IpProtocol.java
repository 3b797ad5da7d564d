package io.atoll.p2p.portmap;

/// What a port belongs to, with its number in IP.
public enum IpProtocol {
  TCP(6),
  UDP(17);

  private final int number;

  IpProtocol(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }
}
