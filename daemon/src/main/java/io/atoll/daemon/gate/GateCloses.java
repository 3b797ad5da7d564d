package io.atoll.daemon.gate;

import io.atoll.core.websocket.WebSocketLine;
import java.io.IOException;

/// The codes of the last frame, beside those of RFC 6455: 1000 where both sides have ended, 1001
/// where the gate goes away.
final class GateCloses {
  /// The member broke the connection off, or does not answer any more.
  static final int BROKEN_OFF = 4000;

  /// Nothing went through a flow of datagrams for a while.
  static final int IDLE = 4001;

  /// Another socket took the address, or the address is gone.
  static final int TAKEN = 4002;

  private GateCloses() {}

  /// @return whether the other end could still be told
  static boolean tell(WebSocketLine line, int code, String why) {
    try {
      line.close(code, why);
      return true;
    } catch (IOException away) {
      return false;
    }
  }
}
