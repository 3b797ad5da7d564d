package io.atoll.vpn.wireguard;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/// An address of UDP.
public record UdpPath(InetSocketAddress address) implements Path {
  public UdpPath {
    if (address.isUnresolved()) {
      throw new IllegalArgumentException(address + " is a name, not an address");
    }
  }

  @Override
  public byte[] source() {
    byte[] ip = address.getAddress().getAddress();
    return ByteBuffer.allocate(ip.length + 2).put(ip).putShort((short) address.getPort()).array();
  }
}
