package io.atoll.core.tar;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/// One member of a tar.
///
/// @param name as it is there, not checked
/// @param size of the bytes that follow
/// @param mode permission bits with setuid, setgid and sticky
/// @param mtime seconds since 1970
/// @param link target of a link; empty otherwise
/// @param attributes extended ones, by name
/// @param device major and minor of a device, as `major << 32 | minor`
public record TarEntry(
    String name,
    Type type,
    long size,
    int mode,
    long uid,
    long gid,
    long mtime,
    String link,
    Map<String, byte[]> attributes,
    long device) {
  /// What a member is.
  public enum Type {
    FILE('0'),
    HARD_LINK('1'),
    SYMLINK('2'),
    CHARACTER_DEVICE('3'),
    BLOCK_DEVICE('4'),
    FOLDER('5'),
    FIFO('6');

    private final char flag;

    Type(char flag) {
      this.flag = flag;
    }

    char flag() {
      return flag;
    }
  }

  public TarEntry {
    attributes = attributes.isEmpty() ? Map.of() : new TreeMap<>(attributes);
  }

  /// The name for people.
  public String shown() {
    return shown(name);
  }

  /// A name as it is in a tar, for people.
  public static String shown(String raw) {
    String text = new String(raw.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    String plain = text.replaceAll("\\p{Cntrl}", "?");
    return "'" + (plain.length() > 120 ? plain.substring(0, 120) + "…" : plain) + "'";
  }

  /// The same by another name, or a link to it.
  public TarEntry named(String other, Type as, String target) {
    return new TarEntry(
        other,
        as,
        as == Type.FILE ? size : 0,
        mode,
        uid,
        gid,
        mtime,
        target,
        as == Type.HARD_LINK ? Map.of() : attributes,
        device);
  }
}
