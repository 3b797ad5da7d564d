package io.atoll.daemon.rest;

import io.atoll.client.api.Problem;
import java.io.IOException;
import java.io.UncheckedIOException;

/// Runs what fills a stream. A failure after the first byte can no longer be an HTTP status: it
/// is told as the last event. A caller that went away is no failure.
final class Streaming {
  private Streaming() {}

  interface Body {
    void run() throws IOException, InterruptedException;
  }

  static void run(EventStream stream, Body body) throws IOException {
    try {
      body.run();
    } catch (InterruptedException | RuntimeException e) {
      if (e instanceof UncheckedIOException io) {
        throw io;
      }
      Problem problem = Problems.of(e);
      stream.event("error", problem);
    }
  }
}
