package io.atoll.vpn.node;

import io.atoll.p2p.udp.UdpSocket;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;

/// To an address of UDP.
record DirectWay(UdpSocket socket, InetSocketAddress address) implements Way {
  @Override
  public int send(MemorySegment memory, long at, int length, int segment) {
    try {
      return socket.send(memory, at, length, segment, address);
    } catch (IOException e) {
      return 0; // it fails its probes, too, with the reason
    }
  }
}
