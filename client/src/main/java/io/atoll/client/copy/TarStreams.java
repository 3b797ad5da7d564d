package io.atoll.client.copy;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.tar.TarEntry;
import io.atoll.core.tar.TarException;
import io.atoll.core.tar.TarReader;
import io.atoll.core.tar.TarWriter;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;

/// Tars that come from another program, or go to one.
public final class TarStreams {
  private TarStreams() {}

  /// What comes is read and written anew, so that a tar that is none is told here.
  public static Source source(InputStream given) {
    return out -> {
      TarReader from = new TarReader(new BufferedInputStream(given, 64 << 10));
      BufferedOutputStream buffered = new BufferedOutputStream(out, 64 << 10);
      TarWriter to = new TarWriter(buffered);
      try {
        copy(from, to);
      } catch (TarException e) {
        throw new AtollException(
            ErrorCode.BAD_REQUEST,
            "standard input was refused: " + e.getMessage(),
            "it takes a plain tar, as `tar c` makes it",
            e);
      }
      to.end();
      buffered.flush();
    };
  }

  private static void copy(TarReader from, TarWriter to) throws IOException, InterruptedException {
    byte[] buffer = new byte[64 << 10];
    int members = 0;
    for (TarEntry entry = from.next(); entry != null; entry = from.next()) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      members++;
      to.header(entry);
      for (int n = from.read(buffer, 0, buffer.length);
          n >= 0;
          n = from.read(buffer, 0, buffer.length)) {
        to.body(buffer, 0, n);
      }
      to.pad(entry.size());
    }
    if (members == 0) {
      throw new TarException("it has no member");
    }
  }

  public static Target target(OutputStream taken) {
    return in -> {
      try (OutputStream out = new Taken(taken)) {
        in.transferTo(out);
      }
    };
  }

  /// Where nobody reads it any more, that is no failure of the copy.
  private static final class Taken extends OutputStream {
    private final OutputStream out;

    Taken(OutputStream out) {
      this.out = out;
    }

    @Override
    public void write(int octet) throws IOException {
      write(new byte[] {(byte) octet}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
      try {
        out.write(bytes, offset, length);
        out.flush();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
