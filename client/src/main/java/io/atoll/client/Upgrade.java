package io.atoll.client;

import io.atoll.core.exec.ExecLine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/// A connection to a hub that is taken out of HTTP (RFC 9110, 7.8): the JDK's clients cannot do it.
final class Upgrade {
  private static final int LONGEST_HEAD = 16 << 10;

  private Upgrade() {}

  /// @param path with nothing that has to be quoted
  /// @throws IOException if the hub is away or does not upgrade; asking plainly tells why
  static ExecLine open(HubLocation hub, String path, String protocol) throws IOException {
    URI uri = hub.api();
    boolean tls = "https".equals(uri.getScheme());
    int port = uri.getPort() > 0 ? uri.getPort() : tls ? 443 : 80;
    String host = uri.getHost().replace("[", "").replace("]", "");
    Socket socket = new Socket();
    try {
      socket.setTcpNoDelay(true);
      socket.connect(new InetSocketAddress(host, port), (int) Wire.CONNECT.toMillis());
      if (tls) {
        SSLSocket secure =
            (SSLSocket)
                ((SSLSocketFactory) SSLSocketFactory.getDefault())
                    .createSocket(socket, host, port, true);
        var parameters = secure.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        secure.setSSLParameters(parameters);
        socket = secure;
      }
      String prefix = uri.getRawPath() == null ? "" : uri.getRawPath();
      String request =
          "GET "
              + prefix
              + path
              + " HTTP/1.1\r\nHost: "
              + uri.getRawAuthority()
              + "\r\nConnection: Upgrade\r\nUpgrade: "
              + protocol
              + (hub.key() == null ? "" : "\r\nAuthorization: Bearer " + hub.key())
              + "\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      socket.getOutputStream().flush();
      socket.setSoTimeout((int) Wire.CONNECT.toMillis());
      String head = head(socket.getInputStream());
      if (!head.startsWith("HTTP/1.1 101")) {
        throw new IOException("the hub answered " + head.lines().findFirst().orElse("nothing"));
      }
      socket.setSoTimeout(0);
      return new Line(socket);
    } catch (IOException | RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  private static String head(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    while (head.size() < LONGEST_HEAD) {
      int octet = in.read();
      if (octet < 0) {
        break;
      }
      head.write(octet);
      if (octet == '\n' && head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
        break;
      }
    }
    return head.toString(StandardCharsets.ISO_8859_1);
  }

  private record Line(Socket socket) implements ExecLine {
    @Override
    public InputStream in() throws IOException {
      return socket.getInputStream();
    }

    @Override
    public OutputStream out() throws IOException {
      return socket.getOutputStream();
    }

    @Override
    public void close() {
      try {
        socket.close();
      } catch (IOException e) {
        // It is not used any more, however it ended.
      }
    }
  }
}
