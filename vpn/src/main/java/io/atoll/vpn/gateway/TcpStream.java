package io.atoll.vpn.gateway;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.util.Objects;

/// A connection to a member of a network. One thread may read while another writes, both waiting as
/// long as it takes; an interrupt ends the waiting. What is written goes out at once.
public final class TcpStream implements AutoCloseable {
  private final TcpLink link;

  TcpStream(TcpLink link) {
    this.link = link;
  }

  public InetAddress remoteAddress() {
    return link.flow().remote().toInet();
  }

  public int remotePort() {
    return link.flow().remotePort();
  }

  public int localPort() {
    return link.flow().localPort();
  }

  /// Closing it says nothing to the other side, which is told when the whole stream is closed.
  public InputStream input() {
    return new InputStream() {
      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] into, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, into.length);
        return link.read(into, offset, length);
      }

      @Override
      public int available() {
        return link.available();
      }
    };
  }

  /// Closing it ends this side: the other reads an end, and may go on to write.
  public OutputStream output() {
    return new OutputStream() {
      @Override
      public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
      }

      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        link.write(bytes, offset, length);
      }

      @Override
      public void close() {
        link.shutdown();
      }
    };
  }

  /// Breaks it off: what is not sent yet is lost.
  public void abort() {
    link.release(true);
  }

  /// Ends both sides, without waiting: what was written is still sent. If there is something that
  /// was not read, the other side sees that it was broken off.
  @Override
  public void close() {
    link.release(false);
  }
}
