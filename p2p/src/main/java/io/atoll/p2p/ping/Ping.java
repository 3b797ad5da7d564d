package io.atoll.p2p.ping;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ProtocolException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;

/// Both ends of the ping protocol on an open stream.
public final class Ping {
  public static final String PROTOCOL = "/ipfs/ping/1.0.0";
  private static final int BYTES = 32;
  private static final SecureRandom RANDOM = new SecureRandom();

  private Ping() {}

  /// Echoes until the dialler ends.
  public static void serve(InputStream in, OutputStream out) throws IOException {
    byte[] payload = new byte[BYTES];
    while (in.readNBytes(payload, 0, BYTES) == BYTES) {
      out.write(payload);
      out.flush();
    }
  }

  /// One round trip.
  public static Duration once(InputStream in, OutputStream out) throws IOException {
    byte[] payload = new byte[BYTES];
    RANDOM.nextBytes(payload);
    long start = System.nanoTime();
    out.write(payload);
    out.flush();
    byte[] echo = in.readNBytes(BYTES);
    long end = System.nanoTime();
    if (echo.length < BYTES) {
      throw new EOFException("the peer ended the ping stream");
    }
    if (!Arrays.equals(payload, echo)) {
      throw new ProtocolException("the peer answered a ping with other bytes");
    }
    return Duration.ofNanos(end - start);
  }
}
