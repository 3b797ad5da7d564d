package io.atoll.daemon.rest;

import io.atoll.core.json.Json;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.http.ServerResponse;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/// Writes server-sent events (WHATWG HTML, section 9.2). One thread; nothing is sent before the
/// first event, so that what fails until then can still become a problem.
final class EventStream implements AutoCloseable {
  /// How long nothing may be sent: proxies and clients take longer silence for a dead connection.
  static final Duration PING = Duration.ofSeconds(15);

  private static final byte[] COMMENT = {':', '\n', '\n'};

  private final OutputStream out;

  private EventStream(OutputStream out) {
    this.out = out;
  }

  static EventStream open(ServerResponse response) throws IOException {
    response.status(200);
    response.header(HeaderNames.CONTENT_TYPE, "text/event-stream");
    response.header(HeaderValues.CACHE_NO_CACHE);
    // nginx would hold the events back otherwise
    response.header(HeaderNames.create("X-Accel-Buffering"), "no");
    EventStream stream =
        new EventStream(new BufferedOutputStream(response.outputStream(), 1 << 16));
    stream.ping();
    return stream;
  }

  /// An event without a cursor of its own.
  void event(String name, Object data) throws IOException {
    ascii("event: " + name + "\ndata: ");
    out.write(Json.bytes(data));
    ascii("\n\n");
  }

  void event(long cursor, String name, Object data) throws IOException {
    ascii("id: " + cursor + "\n");
    event(name, data);
  }

  /// The same, for data that already is JSON on one line.
  void raw(long cursor, String name, byte[] json) throws IOException {
    ascii("id: " + cursor + "\nevent: " + name + "\ndata: ");
    out.write(json);
    ascii("\n\n");
  }

  void ping() throws IOException {
    out.write(COMMENT);
    out.flush();
  }

  /// Moves the caller's cursor without an event, so that a long silence does not let it grow
  /// stale.
  void ping(long cursor) throws IOException {
    ascii("id: " + cursor + "\n\n");
    out.flush();
  }

  void flush() throws IOException {
    out.flush();
  }

  private void ascii(String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
