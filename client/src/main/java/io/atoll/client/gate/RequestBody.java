package io.atoll.client.gate;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import java.util.Objects;

/// The body of a request, as it is and not a byte further: what follows it on the same connection
/// is not for that member.
///
/// Behind the body it waits for the end of the connection instead of ending itself: there are
/// servers that take the end of a request's direction for a caller who went away.
final class RequestBody extends InputStream {
  private static final int LONGEST_LINE = 4096;
  private static final int MOST_TRAILERS = 64;

  private enum At {
    SIZE,
    BYTES,
    BEHIND_BYTES,
    TRAILERS,
    BEHIND
  }

  private final InputStream in;
  private final boolean chunked;
  private final StringBuilder line = new StringBuilder();
  private At at;
  private long left;
  private int trailers;

  RequestBody(InputStream in, HttpHead.Body body) {
    this.in = in;
    switch (body) {
      case HttpHead.Body.Sized(long bytes) -> {
        this.chunked = false;
        this.left = bytes;
        this.at = bytes > 0 ? At.BYTES : At.BEHIND;
      }
      case HttpHead.Body.Chunked() -> {
        this.chunked = true;
        this.at = At.SIZE;
      }
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, into.length);
    if (length == 0) {
      return 0;
    }
    if (at == At.BEHIND) {
      return behind();
    }
    if (at == At.BYTES) {
      int count = in.read(into, offset, (int) Math.min(length, left));
      if (count < 0) {
        throw new EOFException("the request ended in its body");
      }
      left -= count;
      if (left == 0) {
        at = chunked ? At.BEHIND_BYTES : At.BEHIND;
      }
      return count;
    }
    int octet = in.read();
    if (octet < 0) {
      throw new EOFException("the request ended in its body");
    }
    into[offset] = (byte) octet;
    octet(octet);
    return 1;
  }

  private void octet(int octet) throws ProtocolException {
    boolean carriageReturn = !line.isEmpty() && line.charAt(line.length() - 1) == '\r';
    if (octet != '\n') {
      if (line.length() == LONGEST_LINE || carriageReturn) {
        throw new ProtocolException("a line of the request's body is none");
      }
      line.append((char) octet);
      return;
    }
    if (!carriageReturn) {
      throw new ProtocolException("a line of the request's body is none");
    }
    line.setLength(line.length() - 1);
    ended(line.toString());
    line.setLength(0);
  }

  private void ended(String text) throws ProtocolException {
    switch (at) {
      case SIZE -> {
        int end = text.indexOf(';');
        String size = (end < 0 ? text : text.substring(0, end)).strip();
        if (!size.matches("[0-9a-fA-F]{1,15}")) {
          throw new ProtocolException("a chunk of the request's body has no size");
        }
        left = Long.parseLong(size, 16);
        at = left == 0 ? At.TRAILERS : At.BYTES;
      }
      case BEHIND_BYTES -> {
        if (!text.isEmpty()) {
          throw new ProtocolException("a chunk of the request's body does not end");
        }
        at = At.SIZE;
      }
      case TRAILERS -> {
        if (text.isEmpty()) {
          at = At.BEHIND;
        } else if (++trailers > MOST_TRAILERS) {
          throw new ProtocolException("the request's body has no end");
        }
      }
      case BYTES, BEHIND -> throw new IllegalStateException("no line is read there");
    }
  }

  private int behind() throws IOException {
    while (in.read() >= 0) {
      // A second request on the same connection, which was told that it will be closed.
    }
    return -1;
  }
}
