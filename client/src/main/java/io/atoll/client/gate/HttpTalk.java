package io.atoll.client.gate;

import io.atoll.client.GateConnection;
import io.atoll.core.error.AtollException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/// One program that speaks to us as to a proxy of HTTP: tunnels, and requests for absolute URLs,
/// one a connection.
final class HttpTalk {
  private static final int BUFFER = 16 << 10;
  private static final int SILENCE_MILLIS = 60_000;

  private final Socket socket;
  private final GateDialer dialer;
  private final Consumer<String> notes;

  HttpTalk(Socket socket, GateDialer dialer, Consumer<String> notes) {
    this.socket = socket;
    this.dialer = dialer;
    this.notes = notes;
  }

  void run() throws IOException, InterruptedException {
    socket.setSoTimeout(SILENCE_MILLIS);
    InputStream in = new BufferedInputStream(socket.getInputStream(), BUFFER);
    HttpHead head;
    try {
      head = HttpHead.read(in);
    } catch (ProtocolException e) {
      answer(400, "Bad Request", String.valueOf(e.getMessage()));
      return;
    }
    if (head == null) {
      return;
    }
    socket.setSoTimeout(0);
    Target target = head.target();
    GateConnection gate;
    try {
      gate = dialer.tcp(target.host(), target.port());
    } catch (AtollException e) {
      notes.accept(Forward.words(e));
      refuse(e);
      return;
    }
    try (gate) {
      if (head.tunnel()) {
        write("HTTP/1.1 200 Connection established\r\n\r\n");
        Splice.run(Splice.of(socket, in), gate);
      } else {
        gate.line().write(head.forwarded(), 0, head.forwarded().length);
        Splice.run(Splice.of(socket, new RequestBody(in, head.body())), gate);
      }
    }
  }

  private void refuse(AtollException e) throws IOException {
    switch (e.code()) {
      case GATEWAY_REFUSED, GATEWAY_UNREACHABLE, TIMEOUT ->
          answer(504, "Gateway Timeout", Forward.words(e));
      case DENIED, UNAUTHENTICATED -> answer(403, "Forbidden", Forward.words(e));
      default -> answer(502, "Bad Gateway", Forward.words(e));
    }
  }

  private void answer(int status, String phrase, String words) throws IOException {
    byte[] body = ("atoll proxy: " + words + "\n").getBytes(StandardCharsets.UTF_8);
    write(
        "HTTP/1.1 "
            + status
            + " "
            + phrase
            + "\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\nContent-Length: "
            + body.length
            + "\r\n\r\n");
    socket.getOutputStream().write(body);
    socket.shutdownOutput();
  }

  private void write(String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
  }
}
