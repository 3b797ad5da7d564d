package io.atoll.runtime.image.layer;

import io.atoll.core.tar.TarEntry;
import io.atoll.core.tar.TarReader;
import io.atoll.core.tar.TarWriter;
import java.io.IOException;
import java.io.OutputStream;

/// One tar out of many layers: the source of a squashfs. Needs no rights, and touches no file.
final class TarRoot implements RootWriter {
  private final TarWriter tar;
  private final byte[] buffer = new byte[128 << 10];

  TarRoot(OutputStream out) {
    this.tar = new TarWriter(out);
  }

  @Override
  public void folder(TarEntry folder) throws IOException {
    tar.header(folder);
  }

  @Override
  public void file(TarEntry entry, TarReader bytes) throws IOException {
    tar.header(entry);
    for (int read = bytes.read(buffer, 0, buffer.length);
        read >= 0;
        read = bytes.read(buffer, 0, buffer.length)) {
      tar.body(buffer, 0, read);
    }
    tar.pad(entry.size());
  }

  @Override
  public void hardLink(TarEntry entry) throws IOException {
    tar.header(entry);
  }

  @Override
  public void other(TarEntry entry) throws IOException {
    tar.header(entry);
  }

  @Override
  public void end() throws IOException {
    tar.end();
  }
}
