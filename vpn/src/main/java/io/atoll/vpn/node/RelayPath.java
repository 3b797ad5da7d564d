package io.atoll.vpn.node;

import io.atoll.core.identity.PeerId;
import io.atoll.vpn.wireguard.Path;
import java.nio.ByteBuffer;

/// Through a node that passes packets on.
record RelayPath(PeerId relay, PeerId node) implements Path {
  @Override
  public byte[] source() {
    byte[] one = relay.bytes();
    byte[] other = node.bytes();
    return ByteBuffer.allocate(one.length + other.length).put(one).put(other).array();
  }
}
