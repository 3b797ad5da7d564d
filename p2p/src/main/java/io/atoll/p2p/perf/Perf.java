package io.atoll.p2p.perf;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.time.Duration;

/// Both ends of the perf protocol on an open stream. Blocking; whoever serves it sets the limit in
/// time.
public final class Perf {
  public static final String PROTOCOL = "/perf/1.0.0";
  private static final int BLOCK = 64 << 10;

  private Perf() {}

  /// What a run took. The upload ends with the first byte that comes back, or the end.
  public record Times(Duration upload, Duration download) {}

  /// Takes what the dialler sends, then sends what it wanted.
  public static void serve(InputStream in, OutputStream out) throws IOException {
    byte[] request = in.readNBytes(Long.BYTES);
    if (request.length < Long.BYTES) {
      throw new EOFException("the peer ended a perf stream before it said what it wants");
    }
    long wanted = ByteBuffer.wrap(request).getLong();
    if (wanted < 0) {
      throw new ProtocolException("perf: more bytes are wanted than there are");
    }
    byte[] block = new byte[BLOCK];
    while (in.read(block, 0, BLOCK) >= 0) {
      // What it says does not matter, only that it arrives.
    }
    send(out, wanted);
    out.close();
  }

  /// Sends `upload` bytes, then takes `download`.
  public static Times run(InputStream in, OutputStream out, long upload, long download)
      throws IOException {
    if (upload < 0 || download < 0) {
      throw new IllegalArgumentException("perf: a negative number of bytes");
    }
    long start = System.nanoTime();
    out.write(ByteBuffer.allocate(Long.BYTES).putLong(download).array());
    send(out, upload);
    out.close();
    byte[] block = new byte[BLOCK];
    int first = in.read(block, 0, 1);
    long uploaded = System.nanoTime();
    long got = Math.max(first, 0);
    for (int count = first; count >= 0; got += Math.max(count, 0)) {
      count = in.read(block, 0, BLOCK);
    }
    long end = System.nanoTime();
    return times(got, download, uploaded - start, end - uploaded);
  }

  private static Times times(long got, long wanted, long up, long down) throws IOException {
    if (got != wanted) {
      throw new ProtocolException("perf: " + got + " bytes came, " + wanted + " were wanted");
    }
    return new Times(Duration.ofNanos(up), Duration.ofNanos(down));
  }

  private static void send(OutputStream out, long bytes) throws IOException {
    byte[] block = new byte[BLOCK];
    for (long left = bytes; left > 0; left -= Math.min(left, BLOCK)) {
      out.write(block, 0, (int) Math.min(left, BLOCK));
    }
    out.flush();
  }
}
