package io.atoll.runtime.driver;

import io.atoll.core.exec.ExecLine;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/// A line that breaks after so many bytes.
final class ShortLine implements ExecLine {
  private final ExecLine line;
  private int left;

  ShortLine(ExecLine line, int bytes) {
    this.line = line;
    this.left = bytes;
  }

  @Override
  public InputStream in() throws IOException {
    return new FilterInputStream(line.in()) {
      @Override
      public int read(byte[] into, int at, int length) throws IOException {
        if (left <= 0) {
          close();
          throw new IOException("the line broke");
        }
        int n = super.read(into, at, Math.min(length, left));
        left -= Math.max(0, n);
        return n;
      }
    };
  }

  @Override
  public OutputStream out() throws IOException {
    return line.out();
  }

  @Override
  public void close() {
    line.close();
  }
}
