package io.atoll.core.tar;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/// Writes a tar: ustar, with pax headers where something does not fit. The same members give the
/// same bytes.
public final class TarWriter {
  private static final int BLOCK = 512;
  private static final long OCTAL_11 = 1L << 33;
  private static final long OCTAL_7 = 1L << 21;

  private final OutputStream out;

  public TarWriter(OutputStream out) {
    this.out = out;
  }

  /// Writes a member's header; its `size` bytes have to follow through `body`, then `pad`.
  public void header(TarEntry entry) throws IOException {
    Map<String, byte[]> pax = new TreeMap<>();
    String name = entry.name() + (entry.type() == TarEntry.Type.FOLDER ? "/" : "");
    if (name.length() > 100 || !ascii(name)) {
      pax.put("path", bytes(name));
    }
    if (entry.link().length() > 100 || !ascii(entry.link())) {
      pax.put("linkpath", bytes(entry.link()));
    }
    large(pax, "size", entry.size(), OCTAL_11);
    large(pax, "mtime", entry.mtime(), OCTAL_11);
    large(pax, "uid", entry.uid(), OCTAL_7);
    large(pax, "gid", entry.gid(), OCTAL_7);
    entry.attributes().forEach((key, value) -> pax.put("SCHILY.xattr." + key, value));
    if (!pax.isEmpty()) {
      byte[] records = records(pax);
      block("pax", 'x', records.length, 0644, 0, 0, 0, "", 0);
      body(records, 0, records.length);
      pad(records.length);
    }
    block(
        cut(name),
        entry.type().flag(),
        entry.size() < OCTAL_11 ? entry.size() : 0,
        entry.mode(),
        entry.uid() < OCTAL_7 ? entry.uid() : 0,
        entry.gid() < OCTAL_7 ? entry.gid() : 0,
        entry.mtime() >= 0 && entry.mtime() < OCTAL_11 ? entry.mtime() : 0,
        cut(entry.link()),
        entry.device());
  }

  public void body(byte[] bytes, int offset, int length) throws IOException {
    out.write(bytes, offset, length);
  }

  /// Fills the last block of a body.
  public void pad(long size) throws IOException {
    out.write(new byte[(int) (-size & (BLOCK - 1))]);
  }

  public void end() throws IOException {
    out.write(new byte[2 * BLOCK]);
    out.flush();
  }

  private static void large(Map<String, byte[]> pax, String key, long value, long limit) {
    if (value < 0 || value >= limit) {
      pax.put(key, bytes(Long.toString(value)));
    }
  }

  private static byte[] records(Map<String, byte[]> pax) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (var record : pax.entrySet()) {
      byte[] key = record.getKey().getBytes(StandardCharsets.UTF_8);
      int rest = key.length + record.getValue().length + 3;
      int length = rest + Integer.toString(rest).length();
      if (Integer.toString(length).length() + rest != length) {
        length++;
      }
      all.write(bytes(length + " "));
      all.write(key);
      all.write('=');
      all.write(record.getValue());
      all.write('\n');
    }
    return all.toByteArray();
  }

  private void block(
      String name,
      char type,
      long size,
      int mode,
      long uid,
      long gid,
      long mtime,
      String link,
      long device)
      throws IOException {
    byte[] block = new byte[BLOCK];
    put(block, 0, bytes(name));
    octal(block, 100, 8, mode);
    octal(block, 108, 8, uid);
    octal(block, 116, 8, gid);
    octal(block, 124, 12, size);
    octal(block, 136, 12, mtime);
    block[156] = (byte) type;
    put(block, 157, bytes(link));
    put(block, 257, bytes("ustar\00000"));
    octal(block, 329, 8, Math.min(device >>> 32, OCTAL_7 - 1));
    octal(block, 337, 8, Math.min(device & 0xffff_ffffL, OCTAL_7 - 1));
    put(block, 148, bytes("        "));
    int sum = 0;
    for (byte b : block) {
      sum += b & 0xff;
    }
    put(block, 148, bytes(String.format("%06o\0 ", sum)));
    out.write(block);
  }

  private static void octal(byte[] block, int at, int width, long value) {
    String digits = Long.toOctalString(value);
    put(block, at, bytes("0".repeat(width - 1 - digits.length()) + digits));
  }

  private static void put(byte[] block, int at, byte[] value) {
    System.arraycopy(value, 0, block, at, value.length);
  }

  private static String cut(String name) {
    return name.length() > 100 ? name.substring(0, 100) : name;
  }

  private static boolean ascii(String text) {
    return text.chars().allMatch(c -> c >= ' ' && c < 0x7f);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
