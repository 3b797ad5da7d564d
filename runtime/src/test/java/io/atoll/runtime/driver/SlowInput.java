package io.atoll.runtime.driver;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;

/// Somebody who types: after a while, and then leaves the terminal open.
final class SlowInput extends InputStream {
  private final byte[] text;
  private boolean given;

  SlowInput(String text) {
    this.text = text.getBytes(UTF_8);
  }

  @Override
  public int read(byte[] into, int at, int length) throws IOException {
    try {
      Thread.sleep(given ? 3_600_000 : 300);
    } catch (InterruptedException e) {
      throw new InterruptedIOException();
    }
    given = true;
    System.arraycopy(text, 0, into, at, text.length);
    return text.length;
  }

  @Override
  public int read() throws IOException {
    throw new IOException("read in pieces");
  }
}
