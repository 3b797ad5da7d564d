package io.atoll.core.tar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.testing.Fuzz;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TarTest {
  private static final byte[] CONTENT = "content".getBytes(java.nio.charset.StandardCharsets.UTF_8);

  private static TarEntry entry(String name, TarEntry.Type type, String link) {
    long size = type == TarEntry.Type.FILE ? CONTENT.length : 0;
    return new TarEntry(name, type, size, 0750, 1000, 1001, 1_700_000_000, link, Map.of(), 0);
  }

  private static byte[] tar(List<TarEntry> entries) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    TarWriter writer = new TarWriter(bytes);
    for (TarEntry entry : entries) {
      writer.header(entry);
      if (entry.size() > 0) {
        writer.body(CONTENT, 0, CONTENT.length);
        writer.pad(CONTENT.length);
      }
    }
    writer.end();
    return bytes.toByteArray();
  }

  private static List<TarEntry> read(byte[] tar) throws IOException {
    List<TarEntry> all = new ArrayList<>();
    TarReader reader = new TarReader(new ByteArrayInputStream(tar));
    for (TarEntry entry = reader.next(); entry != null; entry = reader.next()) {
      all.add(entry);
      byte[] body = new byte[CONTENT.length];
      for (int at = 0, n; at < body.length; at += n) {
        n = reader.read(body, at, body.length - at);
        if (n < 0) {
          break;
        }
      }
    }
    return all;
  }

  private static final List<TarEntry> MEMBERS =
      List.of(
          entry("folder/", TarEntry.Type.FOLDER, ""),
          entry("folder/file", TarEntry.Type.FILE, ""),
          entry("folder/" + "n".repeat(200), TarEntry.Type.FILE, ""),
          entry("link", TarEntry.Type.SYMLINK, "t".repeat(150)),
          entry("hard", TarEntry.Type.HARD_LINK, "folder/file"),
          entry("\u00c3\u00bc", TarEntry.Type.FILE, ""));

  @Test
  void whatIsWrittenIsRead() throws Exception {
    List<TarEntry> read = read(tar(MEMBERS));
    assertThat(read).hasSameSizeAs(MEMBERS);
    for (int i = 0; i < read.size(); i++) {
      TarEntry had = MEMBERS.get(i);
      TarEntry got = read.get(i);
      assertThat(got.name().replaceFirst("/+$", "")).isEqualTo(had.name().replaceFirst("/+$", ""));
      assertThat(List.of(got.type(), got.size(), got.mode(), got.mtime(), got.link()))
          .isEqualTo(List.of(had.type(), had.size(), had.mode(), had.mtime(), had.link()));
    }
  }

  @Test
  void aSizeAboveEightGibibytesIsKept() throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    new TarWriter(bytes)
        .header(new TarEntry("big", TarEntry.Type.FILE, 9L << 30, 0600, 0, 0, 0, "", Map.of(), 0));
    TarReader reader = new TarReader(new ByteArrayInputStream(bytes.toByteArray()));
    TarEntry entry = reader.next();
    assertThat(entry).isNotNull();
    assertThat(entry.size()).isEqualTo(9L << 30);
    assertThatThrownBy(reader::next)
        .isInstanceOf(TarException.class)
        .hasMessageContaining("ends in the middle of a file");
  }

  @Test
  void damagedTars() throws Exception {
    List<byte[]> samples = List.of(tar(MEMBERS), tar(MEMBERS.subList(0, 2)));
    Fuzz.rounds(
        "tar reader",
        5000,
        random -> {
          byte[] tar = Fuzz.bytes(random, samples);
          // Most damage is found by the checksum; look behind it as well.
          for (int at = 0; random.nextBoolean() && at + 512 <= tar.length; at += 512) {
            byte[] block = Arrays.copyOfRange(tar, at, at + 512);
            if (block[0] != 0) {
              Arrays.fill(block, 148, 156, (byte) ' ');
              int sum = 0;
              for (byte b : block) {
                sum += b & 0xff;
              }
              byte[] digits = String.format("%06o\0 ", sum).getBytes();
              System.arraycopy(digits, 0, tar, at + 148, 8);
            }
          }
          try {
            read(tar);
          } catch (TarException e) {
            assertThat(e.getMessage()).isNotEmpty();
          }
        });
  }
}
