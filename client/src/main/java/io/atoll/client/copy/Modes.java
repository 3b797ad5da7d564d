package io.atoll.client.copy;

import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// Permission bits.
final class Modes {
  /// The highest bit first, as in `rwxrwxrwx`.
  private static final List<PosixFilePermission> BITS =
      List.of(
          PosixFilePermission.OWNER_READ,
          PosixFilePermission.OWNER_WRITE,
          PosixFilePermission.OWNER_EXECUTE,
          PosixFilePermission.GROUP_READ,
          PosixFilePermission.GROUP_WRITE,
          PosixFilePermission.GROUP_EXECUTE,
          PosixFilePermission.OTHERS_READ,
          PosixFilePermission.OTHERS_WRITE,
          PosixFilePermission.OTHERS_EXECUTE);

  private Modes() {}

  static boolean posix(Path path) {
    return path.getFileSystem().supportedFileAttributeViews().contains("posix");
  }

  static int of(Set<PosixFilePermission> set) {
    int mode = 0;
    for (PosixFilePermission bit : BITS) {
      mode = mode << 1 | (set.contains(bit) ? 1 : 0);
    }
    return mode;
  }

  static Set<PosixFilePermission> set(int mode) {
    Set<PosixFilePermission> set = EnumSet.noneOf(PosixFilePermission.class);
    for (int i = 0; i < BITS.size(); i++) {
      if ((mode >> (BITS.size() - 1 - i) & 1) != 0) {
        set.add(BITS.get(i));
      }
    }
    return set;
  }
}
