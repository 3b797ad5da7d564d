package io.atoll.daemon.gate;

import io.atoll.core.websocket.WebSocketLine;
import java.io.IOException;

/// What a WebSocket is connected to, once that is there. Used by one WebSocket, once.
public interface Talk extends AutoCloseable {
  /// Passes on what comes from either side, until both have ended or one is broken off; returns
  /// then, with the WebSocket's last frame sent.
  ///
  /// @throws IOException if the caller is away
  void run(WebSocketLine line) throws IOException, InterruptedException;

  /// Breaks off what the WebSocket is connected to.
  @Override
  void close();
}
