package io.atoll.runtime.image.layer;

import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/// Takes gzip or zstd off a stream, told by its first bytes, and counts on both sides.
final class Unpacking extends FilterInputStream {
  private static final int ZSTD_WINDOW = 27;

  private final Allowance allowance;

  private Unpacking(InputStream in, Allowance allowance) {
    super(in);
    this.allowance = allowance;
  }

  static InputStream of(InputStream raw, Allowance allowance) throws IOException {
    BufferedInputStream packed = new BufferedInputStream(new Counted(raw, allowance), 64 << 10);
    packed.mark(4);
    byte[] magic = packed.readNBytes(4);
    packed.reset();
    return new Unpacking(opened(packed, magic), allowance);
  }

  private static InputStream opened(InputStream packed, byte[] magic) throws IOException {
    if (magic.length >= 2 && (magic[0] & 0xff) == 0x1f && (magic[1] & 0xff) == 0x8b) {
      try {
        return new GZIPInputStream(packed, 64 << 10);
      } catch (EOFException | ZipException e) {
        throw broken(e);
      }
    }
    if (magic.length == 4
        && (magic[0] & 0xff) == 0x28
        && (magic[1] & 0xff) == 0xb5
        && (magic[2] & 0xff) == 0x2f
        && (magic[3] & 0xff) == 0xfd) {
      ZstdInputStream zstd = new ZstdInputStream(packed);
      // The window is memory that the sender chooses: 128 MiB, as the zstd program allows.
      zstd.setLongMax(ZSTD_WINDOW);
      return zstd;
    }
    return packed;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    int read;
    try {
      read = in.read(into, offset, length);
    } catch (EOFException | ZipException | com.github.luben.zstd.ZstdIOException e) {
      throw broken(e);
    }
    if (read > 0) {
      allowance.unpack(read);
    }
    return read;
  }

  @Override
  public long skip(long count) throws IOException {
    byte[] buffer = new byte[Math.clamp(count, 1, 64 << 10)];
    return count <= 0 ? 0 : Math.max(0, read(buffer, 0, buffer.length));
  }

  @Override
  public boolean markSupported() {
    return false;
  }

  private static LayerException broken(IOException cause) {
    LayerException failure =
        new LayerException("it is cut off or damaged (" + cause.getMessage() + ")");
    failure.initCause(cause);
    return failure;
  }

  private static final class Counted extends FilterInputStream {
    private final Allowance allowance;

    Counted(InputStream in, Allowance allowance) {
      super(in);
      this.allowance = allowance;
    }

    @Override
    public int read() throws IOException {
      int read = in.read();
      allowance.pack(read < 0 ? 0 : 1);
      return read;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      int read = in.read(into, offset, length);
      allowance.pack(Math.max(0, read));
      return read;
    }
  }
}
