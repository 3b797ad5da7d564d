package io.atoll.p2p.negotiate;

import java.io.IOException;
import java.util.List;

/// The other end speaks none of the protocols that were proposed.
public final class ProtocolRefused extends IOException {
  public ProtocolRefused(List<String> proposed) {
    super("the peer does not speak " + String.join(" or ", proposed));
  }
}
