package io.atoll.client;

import io.atoll.core.error.AtollException;
import io.atoll.core.websocket.WebSocketKeys;
import io.atoll.core.websocket.WebSocketLine;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/// A WebSocket into a network, through a hub. One thread reads, any thread writes. An empty message
/// says that its direction has no more.
public final class GateConnection implements AutoCloseable {
  private static final int LONGEST_HEAD = 16 << 10;
  private static final int LONGEST_PROBLEM = 1 << 20;
  private static final int BUFFER = 16 << 10;

  /// Longer than a hub lets a member take to answer.
  private static final Duration ANSWER = Duration.ofSeconds(25);

  /// A hub asks for a sign of life every 20 s.
  private static final Duration SILENCE = Duration.ofSeconds(60);

  private final Socket socket;
  private final WebSocketLine line;

  private GateConnection(Socket socket, InputStream in) throws IOException {
    this.socket = socket;
    this.line = new WebSocketLine(in, socket.getOutputStream(), WebSocketLine.Side.CLIENT);
  }

  /// @param path with nothing that has to be quoted
  /// @throws AtollException what the hub says is in the way
  /// @throws IOException if the hub is away
  static GateConnection open(HubLocation hub, String path) throws IOException {
    Socket socket = connect(hub.api());
    try {
      String key = WebSocketKeys.random();
      socket.getOutputStream().write(request(hub, path, key));
      socket.getOutputStream().flush();
      socket.setSoTimeout((int) ANSWER.toMillis());
      InputStream in = new BufferedInputStream(socket.getInputStream(), BUFFER);
      String head = head(in);
      int status = status(head);
      if (status != 101) {
        throw Wire.failure(hub, status, in.readNBytes(Math.min(length(head), LONGEST_PROBLEM)));
      }
      if (!field(head, "sec-websocket-accept").equals(WebSocketKeys.accept(key))) {
        throw new IOException("the hub's answer to a WebSocket handshake is none");
      }
      socket.setSoTimeout((int) SILENCE.toMillis());
      return new GateConnection(socket, in);
    } catch (IOException | RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  private static Socket connect(URI uri) throws IOException {
    boolean tls = "https".equals(uri.getScheme());
    int port = uri.getPort() > 0 ? uri.getPort() : tls ? 443 : 80;
    String host = uri.getHost().replace("[", "").replace("]", "");
    Socket socket = new Socket();
    try {
      socket.setTcpNoDelay(true);
      socket.connect(new InetSocketAddress(host, port), (int) Wire.CONNECT.toMillis());
      if (!tls) {
        return socket;
      }
      SSLSocketFactory factory = (SSLSocketFactory) SSLSocketFactory.getDefault();
      SSLSocket secure = (SSLSocket) factory.createSocket(socket, host, port, true);
      var parameters = secure.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      secure.setSSLParameters(parameters);
      return secure;
    } catch (IOException | RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  private static byte[] request(HubLocation hub, String path, String key) {
    String prefix = hub.api().getRawPath() == null ? "" : hub.api().getRawPath();
    String text =
        "GET "
            + prefix
            + path
            + " HTTP/1.1\r\nHost: "
            + hub.api().getRawAuthority()
            + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13"
            + "\r\nSec-WebSocket-Protocol: atoll.half-close\r\nSec-WebSocket-Key: "
            + key
            + (hub.key() == null ? "" : "\r\nAuthorization: Bearer " + hub.key())
            + "\r\n\r\n";
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  /// Lines up to the empty one.
  private static String head(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    int state = 0;
    while (state < 4) {
      int octet = in.read();
      if (octet < 0) {
        throw new IOException("the hub broke off before it had answered");
      }
      if (head.size() == LONGEST_HEAD) {
        throw new IOException("the hub's answer has no end");
      }
      head.write(octet);
      boolean wanted = octet == (state % 2 == 0 ? '\r' : '\n');
      state = wanted ? state + 1 : octet == '\r' ? 1 : 0;
    }
    return head.toString(StandardCharsets.ISO_8859_1);
  }

  private static int status(String head) throws IOException {
    if (!head.matches("(?s)HTTP/1\\.[01] [1-5][0-9][0-9][ \\r].*")) {
      throw new IOException("what answers there is no hub");
    }
    return Integer.parseInt(head.substring(9, 12));
  }

  private static int length(String head) {
    String text = field(head, "content-length");
    return text.matches("[0-9]{1,7}") ? Integer.parseInt(text) : 0;
  }

  private static String field(String head, String name) {
    return head.lines()
        .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(name + ":"))
        .map(line -> line.substring(name.length() + 1).strip())
        .findFirst()
        .orElse("");
  }

  public WebSocketLine line() {
    return line;
  }

  /// Ends it in both directions; the member sees its connection broken off unless the last frame
  /// was sent.
  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException gone) {
      // That was wanted.
    }
  }
}
