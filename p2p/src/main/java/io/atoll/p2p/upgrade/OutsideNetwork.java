package io.atoll.p2p.upgrade;

import java.net.ProtocolException;

/// The other end of a wire has another key than this private network, or none.
public final class OutsideNetwork extends ProtocolException {
  private static final long serialVersionUID = 1L;

  OutsideNetwork(String message) {
    super(message);
  }

  static OutsideNetwork hungUp() {
    return new OutsideNetwork(
        "the other end hung up on the private network; it may not have its key");
  }
}
