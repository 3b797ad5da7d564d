package io.atoll.vpn.node;

import io.atoll.core.identity.PeerId;
import io.atoll.vpn.wireguard.Path;

/// Over a stream of libp2p.
record StreamPath(PeerId node) implements Path {
  @Override
  public byte[] source() {
    return node.bytes();
  }
}
