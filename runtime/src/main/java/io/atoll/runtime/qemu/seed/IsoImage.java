package io.atoll.runtime.qemu.seed;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_16BE;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/// Writes a read-only disk with a few files in one folder. The same files give the same bytes: no
/// time of making is in it. The package doc draws the layout.
final class IsoImage {
  static final int SECTOR = 2048;
  private static final int FIRST_FILE = 25;
  private static final int PLAIN_FOLDER = 23;
  private static final int JOLIET_FOLDER = 24;
  private static final int MAX_NAME = 64;

  private record Entry(String name, byte[] data, int sector) {}

  private IsoImage() {}

  /// @param label at most 16 letters, digits and underscores
  /// @param files by name; as many as fit into one sector's folder, about 15
  /// @throws IllegalArgumentException if a name or the label cannot be said in this format
  static byte[] of(String label, Map<String, byte[]> files) {
    if (!label.matches("[A-Za-z0-9_]{1,16}")) {
      throw new IllegalArgumentException("not a label of a disk: '" + label + "'");
    }
    SortedMap<String, byte[]> sorted = new TreeMap<>(files);
    List<Entry> entries = new ArrayList<>();
    int next = FIRST_FILE;
    for (Map.Entry<String, byte[]> file : sorted.entrySet()) {
      if (!file.getKey().matches("[A-Za-z0-9._-]{1," + MAX_NAME + "}")) {
        throw new IllegalArgumentException("not a name on this disk: '" + file.getKey() + "'");
      }
      entries.add(new Entry(file.getKey(), file.getValue(), next));
      next += Math.max(1, (file.getValue().length + SECTOR - 1) / SECTOR);
    }
    byte[] image = new byte[next * SECTOR];
    volume(at(image, 16), label, next, false);
    volume(at(image, 17), label, next, true);
    at(image, 18).put((byte) 255).put("CD001".getBytes(US_ASCII)).put((byte) 1);
    pathTable(at(image, 19), PLAIN_FOLDER, ByteOrder.LITTLE_ENDIAN);
    pathTable(at(image, 20), PLAIN_FOLDER, ByteOrder.BIG_ENDIAN);
    pathTable(at(image, 21), JOLIET_FOLDER, ByteOrder.LITTLE_ENDIAN);
    pathTable(at(image, 22), JOLIET_FOLDER, ByteOrder.BIG_ENDIAN);
    folder(at(image, PLAIN_FOLDER), PLAIN_FOLDER, entries, false);
    folder(at(image, JOLIET_FOLDER), JOLIET_FOLDER, entries, true);
    for (Entry entry : entries) {
      System.arraycopy(entry.data, 0, image, entry.sector * SECTOR, entry.data.length);
    }
    return image;
  }

  private static ByteBuffer at(byte[] image, int sector) {
    return ByteBuffer.wrap(image, sector * SECTOR, SECTOR).slice();
  }

  /// A primary or supplementary volume descriptor, ECMA-119 8.4 and 8.5.
  private static void volume(ByteBuffer to, String label, int sectors, boolean joliet) {
    to.put((byte) (joliet ? 2 : 1)).put("CD001".getBytes(US_ASCII)).put((byte) 1).put((byte) 0);
    to.put(text("", 32, joliet)).put(text(label, 32, joliet));
    to.position(80);
    both32(to, sectors);
    if (joliet) {
      to.put("%/E".getBytes(US_ASCII)); // UCS-2, level 3
    }
    to.position(120);
    both16(to, 1);
    both16(to, 1);
    both16(to, SECTOR);
    both32(to, 10);
    to.order(ByteOrder.LITTLE_ENDIAN).putInt(joliet ? 21 : 19).putInt(0);
    to.order(ByteOrder.BIG_ENDIAN).putInt(joliet ? 22 : 20).putInt(0);
    record(to, new byte[] {0}, joliet ? JOLIET_FOLDER : PLAIN_FOLDER, SECTOR, true);
    to.position(190);
    for (int length : new int[] {128, 128, 128, 128, 37, 37, 37}) {
      to.put(text("", length, joliet));
    }
    for (int time = 0; time < 4; time++) {
      to.put("0000000000000000".getBytes(US_ASCII)).put((byte) 0); // not given
    }
    to.put((byte) 1);
  }

  private static byte[] text(String text, int length, boolean joliet) {
    byte[] bytes = new byte[length];
    if (!joliet) {
      Arrays.fill(bytes, (byte) ' ');
    } else {
      for (int i = 0; i + 1 < length; i += 2) {
        bytes[i + 1] = ' ';
      }
    }
    byte[] given = text.getBytes(joliet ? UTF_16BE : US_ASCII);
    System.arraycopy(given, 0, bytes, 0, given.length);
    return bytes;
  }

  /// One entry, the root: ECMA-119 9.4.
  private static void pathTable(ByteBuffer to, int folder, ByteOrder order) {
    to.order(order)
        .put((byte) 1)
        .put((byte) 0)
        .putInt(folder)
        .putShort((short) 1)
        .putShort((short) 0);
  }

  private static void folder(ByteBuffer to, int self, List<Entry> entries, boolean joliet) {
    record(to, new byte[] {0}, self, SECTOR, true);
    record(to, new byte[] {1}, self, SECTOR, true);
    Set<String> used = new HashSet<>();
    for (Entry entry : entries) {
      byte[] name =
          joliet ? entry.name.getBytes(UTF_16BE) : plain(entry.name, used).getBytes(US_ASCII);
      if (to.remaining() < 34 + name.length) {
        throw new IllegalArgumentException("too many files for one folder of this disk");
      }
      record(to, name, entry.sector, entry.data.length, false);
    }
  }

  /// The name for readers without Joliet: eight capitals.
  private static String plain(String name, Set<String> used) {
    String base = name.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_");
    base = base.substring(0, Math.min(8, base.length()));
    String unique = base;
    for (int i = 1; !used.add(unique); i++) {
      unique = base.substring(0, Math.min(6, base.length())) + "_" + i;
    }
    return unique + ".;1";
  }

  /// ECMA-119 9.1.
  private static void record(ByteBuffer to, byte[] name, int sector, int size, boolean folder) {
    int length = 33 + name.length + (name.length % 2 == 0 ? 1 : 0);
    int end = to.position() + length;
    to.put((byte) length).put((byte) 0);
    both32(to, sector);
    both32(to, size);
    to.put(new byte[] {70, 1, 1, 0, 0, 0, 0}); // 1970-01-01
    to.put((byte) (folder ? 2 : 0)).put((byte) 0).put((byte) 0);
    both16(to, 1);
    to.put((byte) name.length).put(name).position(end);
  }

  private static void both32(ByteBuffer to, int value) {
    to.order(ByteOrder.LITTLE_ENDIAN).putInt(value).order(ByteOrder.BIG_ENDIAN).putInt(value);
  }

  private static void both16(ByteBuffer to, int value) {
    to.order(ByteOrder.LITTLE_ENDIAN).putShort((short) value);
    to.order(ByteOrder.BIG_ENDIAN).putShort((short) value);
  }
}
