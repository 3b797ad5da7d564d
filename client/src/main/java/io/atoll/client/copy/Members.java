package io.atoll.client.copy;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.tar.TarEntry;
import io.atoll.core.tar.TarException;
import io.atoll.core.tar.TarReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Writes members of a foreign tar below one folder. A file is written beside its place and
/// renamed, so that nobody ever sees half of one. One thread; another may end the process.
final class Members {
  private static final int DEEPEST = 256;
  private static final int MOST_FOLDERS = 1_000_000;

  /// Left free on the disk, where it is large enough for that.
  private static final long RESERVE = 64L << 20;

  private final Path root;
  private final @Nullable String base;
  private final String top;
  private final Consumer<String> notes;
  private final byte[] buffer = new byte[128 << 10];
  private final Deque<Made> folders = new ArrayDeque<>();
  private volatile @Nullable Path half;

  private record Made(Path path, TarEntry entry) {}

  /// @param base what the first part of every name becomes; null: itself
  /// @param top the first part of every name, as it was asked for: whoever packs could name others,
  ///     and so write beside what was asked for
  Members(Path root, @Nullable String base, String top, Consumer<String> notes) {
    this.root = root;
    this.base = base;
    this.top = top;
    this.notes = notes;
    Runtime.getRuntime().addShutdownHook(new Thread(this::removeHalf, "half a file"));
  }

  private void removeHalf() {
    Path left = half;
    if (left != null) {
      try {
        Files.deleteIfExists(left);
      } catch (IOException e) {
        // The process ends: there is nobody to be told.
      }
    }
  }

  void file(TarEntry entry, TarReader bytes) throws IOException {
    Path place = place(entry);
    if (place.equals(root)) {
      throw new TarException("it has a file without a name");
    }
    if (LocalTarget.folder(place)) {
      throw inTheWay(place, "a folder", "a file");
    }
    Path beside =
        place.resolveSibling(
            ".atoll-copy-" + Long.toString(ThreadLocalRandom.current().nextLong() >>> 1, 36));
    try {
      long free = Files.getFileStore(root).getUsableSpace();
      if (entry.size() > free - Math.min(RESERVE, Files.getFileStore(root).getTotalSpace() / 50)) {
        throw LocalFailure.full(place, null);
      }
    } catch (IOException e) {
      throw LocalFailure.of(root, e);
    }
    half = beside;
    try {
      write(beside, place, bytes);
      dress(beside, entry);
      move(beside, place);
    } finally {
      removeHalf();
      half = null;
    }
  }

  /// What `bytes` throws goes on as it is: it is not the disk's fault.
  private void write(Path beside, Path place, TarReader bytes) throws IOException {
    OutputStream out;
    try {
      out = Files.newOutputStream(beside, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw LocalFailure.of(place, e);
    }
    try (out) {
      for (int n = bytes.read(buffer, 0, buffer.length);
          n >= 0;
          n = bytes.read(buffer, 0, buffer.length)) {
        try {
          out.write(buffer, 0, n);
        } catch (IOException e) {
          throw LocalFailure.of(place, e);
        }
      }
    }
  }

  private static void move(Path from, Path to) {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw LocalFailure.of(to, e);
    }
  }

  /// One that is there already stays as it is.
  void folder(TarEntry entry) throws IOException {
    Path place = place(entry);
    if (LocalTarget.folder(place)) {
      return;
    }
    if (Files.exists(place, LinkOption.NOFOLLOW_LINKS)) {
      throw inTheWay(place, "a file or link", "a folder");
    }
    make(place);
    if (folders.size() == MOST_FOLDERS) {
      throw new TarException("it has more than " + MOST_FOLDERS + " folders");
    }
    folders.push(new Made(place, entry));
  }

  void link(TarEntry entry) throws IOException {
    Path place = place(entry);
    String target = LocalTarget.text(entry.link());
    if (!staysInside(place, target)) {
      notes.accept(
          TarEntry.shown(entry.name())
              + ": left out: a link that leads out of what is copied, to "
              + TarEntry.shown(entry.link()));
      return;
    }
    if (LocalTarget.folder(place)) {
      throw inTheWay(place, "a folder", "a link");
    }
    try {
      Files.deleteIfExists(place);
      Files.createSymbolicLink(place, root.getFileSystem().getPath(target));
    } catch (UnsupportedOperationException e) {
      notes.accept(TarEntry.shown(entry.name()) + ": left out: there are no links here");
    } catch (IOException e) {
      throw LocalFailure.of(place, e);
    }
  }

  /// Only at its beginning may a target go up, and not above the top of what is copied: so that it
  /// stays inside through whatever other links that come too.
  private boolean staysInside(Path place, String target) {
    int up = root.relativize(place).getNameCount() - 1 - (ofTop() ? 0 : 1);
    boolean down = false;
    for (String part : target.split("/", -1)) {
      if (part.equals("..")) {
        up--;
        if (down || up < 0) {
          return false;
        }
      } else if (!part.isEmpty() && !part.equals(".")) {
        down = true;
      }
    }
    return up >= 0 && !target.isEmpty() && !target.startsWith("/") && target.indexOf('\\') < 0;
  }

  /// Whether what is copied is the content of a folder, without the folder.
  private boolean ofTop() {
    return base == null && top.equals(".");
  }

  /// Folders get their modes and times last, innermost first: some may not be written to.
  void end() {
    while (!folders.isEmpty()) {
      Made folder = folders.pop();
      dress(folder.path(), folder.entry());
    }
  }

  // ---- names

  private Path place(TarEntry entry) throws TarException {
    List<String> parts = parts(entry);
    Path at = root;
    for (int i = 0; i < parts.size(); i++) {
      if (i > 0 && !LocalTarget.folder(at)) {
        if (Files.exists(at, LinkOption.NOFOLLOW_LINKS)) {
          throw inTheWay(at, "a file or link", "a folder");
        }
        make(at);
      }
      at = below(at, parts.get(i), entry);
    }
    return at;
  }

  private List<String> parts(TarEntry entry) throws TarException {
    String name = LocalTarget.text(entry.name());
    if (name.startsWith("/") || name.isEmpty()) {
      throw new TarException("its member " + entry.shown() + " has no relative name");
    }
    String[] all = name.split("/", -1);
    if (all.length > DEEPEST) {
      throw new TarException("its member " + entry.shown() + " is too deep");
    }
    if (!all[0].equals(top)) {
      throw new TarException(
          "its member "
              + entry.shown()
              + " is not of "
              + TarEntry.shown(top)
              + ", which was asked for");
    }
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < all.length; i++) {
      if (all[i].equals("..")) {
        throw new TarException("its member " + entry.shown() + " leads out of it by '..'");
      }
      if (i == 0 && base != null) {
        parts.add(base);
      } else if (!all[i].isEmpty() && !all[i].equals(".")) {
        parts.add(all[i]);
      }
    }
    return parts;
  }

  private static Path below(Path folder, String part, TarEntry entry) throws TarException {
    try {
      Path one = folder.getFileSystem().getPath(part);
      // Elsewhere, other signs may part names, or name disks.
      if (one.isAbsolute() || one.getNameCount() != 1 || !one.toString().equals(part)) {
        throw new TarException("this system has no name " + entry.shown());
      }
      return folder.resolve(one);
    } catch (InvalidPathException e) {
      throw new TarException(
          "this system has no name " + entry.shown() + " (is LC_ALL set to one with UTF-8?)");
    }
  }

  private static void make(Path folder) {
    try {
      Files.createDirectory(folder);
    } catch (IOException e) {
      throw LocalFailure.of(folder, e);
    }
  }

  private static void dress(Path path, TarEntry entry) {
    try {
      if (Modes.posix(path)) {
        Files.setPosixFilePermissions(path, Modes.set(entry.mode()));
      }
      long seconds = Math.clamp(entry.mtime(), 0, 1L << 40);
      Files.setLastModifiedTime(path, FileTime.fromMillis(seconds * 1000));
    } catch (IOException e) {
      throw LocalFailure.of(path, e);
    }
  }

  private static AtollException inTheWay(Path path, String there, String came) {
    return new AtollException(
        ErrorCode.CONFLICT,
        path + " is " + there + ", and " + came + " came",
        "name another target, or remove it first");
  }
}
