package io.atoll.runtime.image.layer;

import io.atoll.core.tar.TarEntry;
import io.atoll.core.tar.TarReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.Set;

/// Writes a root into a new, empty folder of this machine. Every file is made new, and links come
/// last: no write can lead out. Set-user-id bits, attributes, fifos and devices are left out: they
/// would mean something to the host.
final class FolderRoot implements RootWriter {
  private final Path root;
  private final byte[] buffer = new byte[128 << 10];
  private final Deque<TarEntry> folders = new ArrayDeque<>();

  /// @throws LayerException if the folder is not empty
  FolderRoot(Path root) throws IOException {
    this.root = root;
    Files.createDirectories(root);
    try (var inside = Files.list(root)) {
      if (inside.findAny().isPresent()) {
        throw new LayerException("the folder " + root + " is not empty");
      }
    }
  }

  private Path path(String name) throws LayerException {
    String text = new String(name.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    if (text.indexOf('\ufffd') >= 0) {
      throw new LayerException("the name " + TarEntry.shown(name) + " is no UTF-8");
    }
    try {
      Path path = root.resolve(text).normalize();
      if (!path.startsWith(root) || path.equals(root)) {
        throw new LayerException("the name " + TarEntry.shown(name) + " leads out");
      }
      return path;
    } catch (java.nio.file.InvalidPathException e) {
      throw new LayerException("this system has no name " + TarEntry.shown(name));
    }
  }

  @Override
  public void folder(TarEntry folder) throws IOException {
    Files.createDirectory(path(folder.name()));
    folders.push(folder);
  }

  @Override
  public void file(TarEntry entry, TarReader bytes) throws IOException {
    Path file = path(entry.name());
    try (OutputStream out =
        Files.newOutputStream(
            file,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.WRITE,
            LinkOption.NOFOLLOW_LINKS)) {
      for (int read = bytes.read(buffer, 0, buffer.length);
          read >= 0;
          read = bytes.read(buffer, 0, buffer.length)) {
        out.write(buffer, 0, read);
      }
    }
    dress(file, entry);
  }

  @Override
  public void hardLink(TarEntry entry) throws IOException {
    Files.createLink(path(entry.name()), path(entry.link()));
  }

  @Override
  public void other(TarEntry entry) throws IOException {
    if (entry.type() == TarEntry.Type.SYMLINK) {
      String target =
          new String(entry.link().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
      Files.createSymbolicLink(path(entry.name()), root.getFileSystem().getPath(target));
    }
  }

  /// Folders get their modes last, innermost first: some may not be written to.
  @Override
  public void end() throws IOException {
    while (!folders.isEmpty()) {
      TarEntry folder = folders.pop();
      dress(path(folder.name()), folder);
    }
  }

  private static void dress(Path path, TarEntry entry) throws IOException {
    if (path.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.setPosixFilePermissions(path, permissions(entry.mode()));
    }
    Files.setLastModifiedTime(
        path, FileTime.fromMillis(Math.clamp(entry.mtime(), 0, 1L << 40) * 1000));
  }

  private static Set<PosixFilePermission> permissions(int mode) {
    Set<PosixFilePermission> all = EnumSet.noneOf(PosixFilePermission.class);
    PosixFilePermission[] inOrder = {
      PosixFilePermission.OTHERS_EXECUTE,
      PosixFilePermission.OTHERS_WRITE,
      PosixFilePermission.OTHERS_READ,
      PosixFilePermission.GROUP_EXECUTE,
      PosixFilePermission.GROUP_WRITE,
      PosixFilePermission.GROUP_READ,
      PosixFilePermission.OWNER_EXECUTE,
      PosixFilePermission.OWNER_WRITE,
      PosixFilePermission.OWNER_READ
    };
    for (int bit = 0; bit < inOrder.length; bit++) {
      if ((mode >> bit & 1) != 0) {
        all.add(inOrder[bit]);
      }
    }
    return all;
  }
}
