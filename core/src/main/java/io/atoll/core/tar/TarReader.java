package io.atoll.core.tar;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads a tar of POSIX.1-1988 (ustar), POSIX.1-2001 (pax) or GNU, from anybody: every length is
/// bounded before it is believed, and what is not understood is refused, not guessed.
///
/// ```
/// 0 name 100 mode 108 uid 116 gid 124 size 136 mtime 148 checksum 156 type 157 link 257 magic
/// 265 user 297 group 329 major 337 minor 345 prefix 500
/// ```
public final class TarReader {
  private static final int BLOCK = 512;
  private static final int LONGEST_NAME = 4096;
  private static final int LONGEST_PAX = 1 << 20;
  private static final int MOST_PREFACES = 16;
  private static final String XATTR = "SCHILY.xattr.";

  private final InputStream in;
  private final byte[] block = new byte[BLOCK];
  private long left;
  private int padding;
  private @Nullable Map<String, byte[]> pax;
  private @Nullable String longName;
  private @Nullable String longLink;
  private boolean ended;

  public TarReader(InputStream in) {
    this.in = in;
  }

  /// The next member; null at the end, where the rest of the stream has been read as well.
  public @Nullable TarEntry next() throws IOException {
    skipBody();
    pax = null;
    longName = null;
    longLink = null;
    for (int prefaces = 0; !ended; prefaces++) {
      if (prefaces > MOST_PREFACES) {
        throw new TarException("it has headers for nothing");
      }
      if (!readBlock()) {
        drain();
        return null;
      }
      checkSum();
      char type = (char) (block[156] & 0xff);
      long size = number(124, 12);
      if (size < 0) {
        throw new TarException("a member has a negative size");
      }
      switch (type) {
        case 'x' -> {
          Map<String, byte[]> records = paxRecords(preface(size));
          if (pax == null) {
            pax = records;
          } else {
            pax.putAll(records);
          }
        }
        case 'g' -> preface(size);
        case 'L' -> longName = cString(preface(size));
        case 'K' -> longLink = cString(preface(size));
        default -> {
          return member(type, size);
        }
      }
    }
    return null;
  }

  /// Bytes of the current member.
  ///
  /// @return how many were read; -1 at its end
  public int read(byte[] into, int offset, int length) throws IOException {
    if (left == 0) {
      return -1;
    }
    int read = in.read(into, offset, (int) Math.min(length, left));
    if (read < 0) {
      throw new TarException("it ends in the middle of a file");
    }
    left -= read;
    return read;
  }

  private TarEntry member(char flag, long headerSize) throws IOException {
    long size = headerSize;
    String name = longName != null ? longName : headerName();
    String link = longLink != null ? longLink : text(157, 100);
    long uid = number(108, 8);
    long gid = number(116, 8);
    long mtime = number(136, 12);
    Map<String, byte[]> attributes = new LinkedHashMap<>();
    if (pax != null) {
      for (var record : pax.entrySet()) {
        byte[] value = record.getValue();
        String key = record.getKey();
        switch (key) {
          case "path" -> name = raw(value);
          case "linkpath" -> link = raw(value);
          case "size" -> size = decimal(key, value);
          case "uid" -> uid = decimal(key, value);
          case "gid" -> gid = decimal(key, value);
          case "mtime" -> mtime = decimal(key, value);
          default -> {
            if (key.startsWith("GNU.sparse")) {
              throw new TarException(
                  "its file " + TarEntry.shown(name) + " is sparse in GNU's way; pack it without");
            }
            if (key.startsWith(XATTR)) {
              attributes.put(key.substring(XATTR.length()), value);
            }
          }
        }
      }
    }
    if (name.length() > LONGEST_NAME || link.length() > LONGEST_NAME) {
      throw new TarException("it has a name of more than " + LONGEST_NAME + " bytes");
    }
    if (name.indexOf('\0') >= 0 || link.indexOf('\0') >= 0) {
      throw new TarException("it has a name with a zero byte");
    }
    TarEntry.Type type = type(flag, name);
    if (size < 0 || uid < 0 || gid < 0 || uid > 0xffff_ffffL || gid > 0xffff_ffffL) {
      throw new TarException(TarEntry.shown(name) + " has an impossible size or owner");
    }
    // Only files have bytes; some writers give a size to hard links all the same.
    long body = type == TarEntry.Type.FILE ? size : 0;
    left = body;
    padding = (int) (-body & (BLOCK - 1));
    long device =
        type == TarEntry.Type.CHARACTER_DEVICE || type == TarEntry.Type.BLOCK_DEVICE
            ? (number(329, 8) & 0xffff_ffffL) << 32 | (number(337, 8) & 0xffff_ffffL)
            : 0;
    return new TarEntry(
        name,
        type,
        body,
        (int) number(100, 8) & 07777,
        uid,
        gid,
        mtime,
        type == TarEntry.Type.SYMLINK || type == TarEntry.Type.HARD_LINK ? link : "",
        attributes,
        device);
  }

  private TarEntry.Type type(char flag, String name) throws TarException {
    return switch (flag) {
      // An old writer marks folders by the slash alone.
      case '0', '\0', '7' -> name.endsWith("/") ? TarEntry.Type.FOLDER : TarEntry.Type.FILE;
      case '1' -> TarEntry.Type.HARD_LINK;
      case '2' -> TarEntry.Type.SYMLINK;
      case '3' -> TarEntry.Type.CHARACTER_DEVICE;
      case '4' -> TarEntry.Type.BLOCK_DEVICE;
      case '5' -> TarEntry.Type.FOLDER;
      case '6' -> TarEntry.Type.FIFO;
      case 'S' ->
          throw new TarException(
              "its file " + TarEntry.shown(name) + " is sparse in GNU's way; pack it without");
      default ->
          throw new TarException(
              "its member " + TarEntry.shown(name) + " is of the unknown type " + (int) flag);
    };
  }

  private String headerName() {
    String name = text(0, 100);
    // GNU's own format has other fields where ustar has the prefix.
    boolean ustar = text(257, 6).equals("ustar") && block[263] == '0';
    String prefix = ustar ? text(345, 155) : "";
    return prefix.isEmpty() ? name : prefix + "/" + name;
  }

  /// A member that only says something of the next.
  private byte[] preface(long size) throws IOException {
    if (size > LONGEST_PAX) {
      throw new TarException("it has an extended header of " + size + " bytes");
    }
    byte[] body = in.readNBytes((int) size);
    int pad = (int) (-size & (BLOCK - 1));
    if (body.length < size || in.readNBytes(pad).length < pad) {
      throw new TarException("it ends in the middle of a header");
    }
    return body;
  }

  /// Records `LENGTH KEY=VALUE\n`, where the length counts itself.
  private static Map<String, byte[]> paxRecords(byte[] body) throws TarException {
    Map<String, byte[]> records = new LinkedHashMap<>();
    int at = 0;
    while (at < body.length) {
      int digits = at;
      long length = 0;
      while (at < body.length && body[at] >= '0' && body[at] <= '9' && at - digits < 8) {
        length = length * 10 + (body[at] - '0');
        at++;
      }
      int end = (int) (digits + length);
      if (at >= body.length
          || body[at] != ' '
          || end <= at + 2
          || end > body.length
          || body[end - 1] != '\n') {
        throw new TarException("it has a damaged extended header");
      }
      int equals = at + 1;
      while (equals < end && body[equals] != '=') {
        equals++;
      }
      if (equals >= end - 1 && (equals == end || body[equals] != '=')) {
        throw new TarException("it has a damaged extended header");
      }
      String key = new String(body, at + 1, equals - at - 1, StandardCharsets.UTF_8);
      records.put(key, Arrays.copyOfRange(body, equals + 1, end - 1));
      at = end;
    }
    return records;
  }

  private static long decimal(String key, byte[] value) throws TarException {
    String text = raw(value);
    int dot = text.indexOf('.');
    String whole = dot < 0 ? text : text.substring(0, dot);
    if (!whole.matches("-?\\d{1,18}")) {
      throw new TarException("it has an extended header whose " + key + " is no number");
    }
    return Long.parseLong(whole);
  }

  private static String raw(byte[] value) {
    return new String(value, StandardCharsets.ISO_8859_1);
  }

  private static String cString(byte[] body) {
    int end = 0;
    while (end < body.length && body[end] != 0) {
      end++;
    }
    return new String(body, 0, end, StandardCharsets.ISO_8859_1);
  }

  private String text(int offset, int length) {
    int end = offset;
    while (end < offset + length && block[end] != 0) {
      end++;
    }
    return new String(block, offset, end - offset, StandardCharsets.ISO_8859_1);
  }

  /// Octal digits, or GNU's and star's base 256.
  private long number(int offset, int length) throws TarException {
    if ((block[offset] & 0x80) != 0) {
      boolean negative = (block[offset] & 0x40) != 0;
      long value = negative ? -1 : 0;
      for (int i = 0; i < length; i++) {
        int digit = block[offset + i] & 0xff;
        if (i == 0) {
          digit = negative ? digit : digit & 0x7f;
        }
        if (value > Long.MAX_VALUE >> 8 || value < Long.MIN_VALUE >> 8) {
          throw new TarException("a member has a number that is too large");
        }
        value = value << 8 | digit;
      }
      return value;
    }
    long value = 0;
    boolean digits = false;
    for (int i = offset; i < offset + length; i++) {
      int c = block[i];
      if (c >= '0' && c <= '7') {
        value = value << 3 | (c - '0');
        digits = true;
      } else if (c == 0 || (c == ' ' && digits)) {
        break;
      } else if (c != ' ') {
        throw new TarException("a member has a number that is none");
      }
    }
    return value;
  }

  private void checkSum() throws TarException {
    long said = -1;
    for (int i = 148; i < 156 && said < Integer.MAX_VALUE; i++) {
      if (block[i] >= '0' && block[i] <= '7') {
        said = Math.max(said, 0) << 3 | (block[i] - '0');
      } else if (said >= 0) {
        break;
      }
    }
    long unsigned = 0;
    long signed = 0;
    for (int i = 0; i < BLOCK; i++) {
      int b = i >= 148 && i < 156 ? ' ' : block[i];
      unsigned += b & 0xff;
      signed += b;
    }
    if (said != unsigned && said != signed) {
      throw new TarException("it is no tar, or it is damaged: a checksum is wrong");
    }
  }

  /// @return false at the end: zeros, or no more bytes
  private boolean readBlock() throws IOException {
    int read = in.readNBytes(block, 0, BLOCK);
    if (read == 0) {
      ended = true;
      return false;
    }
    if (read < BLOCK) {
      throw new TarException("it ends in the middle of a header");
    }
    for (byte b : block) {
      if (b != 0) {
        return true;
      }
    }
    ended = true;
    return false;
  }

  private void skipBody() throws IOException {
    long toSkip = left + padding;
    left = 0;
    padding = 0;
    byte[] buffer = new byte[(int) Math.min(toSkip, 64 << 10)];
    while (toSkip > 0) {
      int read = in.read(buffer, 0, (int) Math.min(buffer.length, toSkip));
      if (read < 0) {
        throw new TarException("it ends in the middle of a file");
      }
      toSkip -= read;
    }
  }

  /// So that a digest of the whole stream is checked.
  private void drain() throws IOException {
    byte[] buffer = new byte[16 << 10];
    while (in.read(buffer) >= 0) {
      // Counted by who bounds the stream.
    }
  }
}
