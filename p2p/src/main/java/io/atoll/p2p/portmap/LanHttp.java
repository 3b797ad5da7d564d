package io.atoll.p2p.portmap;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// Plain HTTP with a device on this network: directly, never anywhere else, with bounds.
final class LanHttp {
  private static final int TIMEOUT_MILLIS = 3000;
  private static final long WHOLE_NANOS = TimeUnit.SECONDS.toNanos(6);
  private static final int MAX_BODY = 256 << 10;

  record Response(int status, byte[] body) {}

  private LanHttp() {}

  static Response get(URI uri) throws IOException {
    return exchange(uri, Map.of(), new byte[0]);
  }

  static Response post(URI uri, Map<String, String> headers, String body) throws IOException {
    return exchange(uri, headers, body.getBytes(StandardCharsets.UTF_8));
  }

  private static Response exchange(URI uri, Map<String, String> headers, byte[] body)
      throws IOException {
    HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection(Proxy.NO_PROXY);
    try {
      connection.setConnectTimeout(TIMEOUT_MILLIS);
      connection.setReadTimeout(TIMEOUT_MILLIS);
      connection.setInstanceFollowRedirects(false);
      connection.setUseCaches(false);
      headers.forEach(connection::setRequestProperty);
      connection.setRequestProperty("Connection", "close");
      if (body.length > 0) {
        connection.setDoOutput(true);
        connection.setFixedLengthStreamingMode(body.length);
        try (OutputStream out = connection.getOutputStream()) {
          out.write(body);
        }
      }
      int status = connection.getResponseCode();
      try (InputStream in =
          status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
        return new Response(status, in == null ? new byte[0] : read(in));
      }
    } finally {
      connection.disconnect();
    }
  }

  private static byte[] read(InputStream in) throws IOException {
    long begun = System.nanoTime();
    var body = new ByteArrayOutputStream();
    byte[] buffer = new byte[8192];
    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
      body.write(buffer, 0, n);
      if (body.size() > MAX_BODY) {
        throw new IOException("an answer of more than " + MAX_BODY + " bytes");
      }
      if (System.nanoTime() - begun > WHOLE_NANOS) {
        throw new SocketTimeoutException("an answer that does not end");
      }
    }
    return body.toByteArray();
  }
}
