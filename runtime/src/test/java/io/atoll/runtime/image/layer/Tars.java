package io.atoll.runtime.image.layer;

import io.atoll.core.tar.TarEntry;
import io.atoll.core.tar.TarWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Supplier;
import java.util.zip.GZIPOutputStream;

/// Tars that no tar program makes.
public final class Tars {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final TarWriter writer = new TarWriter(bytes);

  public Tars file(String name, String content) throws IOException {
    return file(name, content.getBytes(StandardCharsets.UTF_8), 0644, Map.of());
  }

  public Tars file(String name, byte[] content, int mode, Map<String, byte[]> attributes)
      throws IOException {
    writer.header(
        new TarEntry(
            name, TarEntry.Type.FILE, content.length, mode, 1000, 1001, 7, "", attributes, 0));
    writer.body(content, 0, content.length);
    writer.pad(content.length);
    return this;
  }

  public Tars folder(String name) throws IOException {
    return entry(name, TarEntry.Type.FOLDER, "");
  }

  public Tars symlink(String name, String target) throws IOException {
    return entry(name, TarEntry.Type.SYMLINK, target);
  }

  public Tars hardLink(String name, String target) throws IOException {
    return entry(name, TarEntry.Type.HARD_LINK, target);
  }

  public Tars entry(String name, TarEntry.Type type, String link) throws IOException {
    writer.header(new TarEntry(name, type, 0, 0755, 0, 0, 7, link, Map.of(), 1L << 32 | 3));
    return this;
  }

  public byte[] bytes() throws IOException {
    writer.end();
    return bytes.toByteArray();
  }

  /// Without the zeros at the end.
  public byte[] open() {
    return bytes.toByteArray();
  }

  public static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
      gzip.write(bytes);
    }
    return packed.toByteArray();
  }

  public static Supplier<InputStream> layer(byte[] bytes) {
    return () -> new ByteArrayInputStream(bytes);
  }
}
