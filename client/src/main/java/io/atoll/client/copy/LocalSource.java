package io.atoll.client.copy;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.tar.TarEntry;
import io.atoll.core.tar.TarWriter;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/// A file or folder of this machine. Links are kept as links.
public final class LocalSource implements Source {
  private final Path path;
  private final String name;
  private final Consumer<String> notes;
  private final byte[] buffer = new byte[128 << 10];

  /// @param text as the user wrote it: a slash at its end asks for a folder, `/.` for what is in it
  /// @throws AtollException if there is nothing to be copied
  public static LocalSource of(String text, Consumer<String> notes) {
    Path path = Path.of(text);
    boolean slash = text.endsWith("/");
    try {
      if (slash) {
        path = path.toRealPath();
      }
      BasicFileAttributes is = attributes(path);
      if (slash && !is.isDirectory()) {
        throw new AtollException(
            ErrorCode.CONFLICT, path + " is no folder", "leave out the slash at its end");
      }
    } catch (IOException e) {
      throw LocalFailure.of(path, e);
    }
    Path last = Path.of(text).getFileName();
    boolean nameless =
        last == null || last.toString().isEmpty() || List.of(".", "..").contains(last.toString());
    return new LocalSource(path, nameless ? "." : bytes(last.toString()), notes);
  }

  private LocalSource(Path path, String name, Consumer<String> notes) {
    this.path = path;
    this.name = name;
    this.notes = notes;
  }

  /// Bytes that will pass, as far as they are known now; 0 for a folder.
  public long size() {
    try {
      BasicFileAttributes is = attributes(path);
      return is.isRegularFile() ? is.size() : 0;
    } catch (IOException e) {
      return 0;
    }
  }

  private static BasicFileAttributes attributes(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
  }

  @Override
  public void give(OutputStream out) throws IOException, InterruptedException {
    BufferedOutputStream buffered = new BufferedOutputStream(out, 64 << 10);
    TarWriter tar = new TarWriter(buffered);
    pack(tar, path, name);
    tar.end();
    buffered.flush();
  }

  private void pack(TarWriter tar, Path at, String as) throws IOException, InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    BasicFileAttributes is;
    String link = "";
    int mode;
    try {
      is = attributes(at);
      mode = mode(at, is);
      link = is.isSymbolicLink() ? bytes(Files.readSymbolicLink(at).toString()) : "";
    } catch (IOException e) {
      throw LocalFailure.of(at, e);
    }
    if (is.isRegularFile()) {
      packFile(tar, at, as, mode, is);
    } else if (is.isDirectory()) {
      tar.header(entry(as, TarEntry.Type.FOLDER, mode, is, 0, ""));
      for (Path child : children(at)) {
        pack(tar, child, as + "/" + bytes(String.valueOf(child.getFileName())));
      }
    } else if (is.isSymbolicLink()) {
      tar.header(entry(as, TarEntry.Type.SYMLINK, 0777, is, 0, link));
    } else {
      notes.accept(at + ": left out: it is no file, folder or link");
    }
  }

  private void packFile(TarWriter tar, Path at, String as, int mode, BasicFileAttributes is)
      throws IOException {
    InputStream in;
    try {
      in = Files.newInputStream(at, LinkOption.NOFOLLOW_LINKS);
    } catch (IOException e) {
      throw LocalFailure.of(at, e);
    }
    try (in) {
      tar.header(entry(as, TarEntry.Type.FILE, mode, is, is.size(), ""));
      for (long left = is.size(); left > 0; ) {
        int n;
        try {
          n = in.read(buffer, 0, (int) Math.min(buffer.length, left));
        } catch (IOException e) {
          throw LocalFailure.of(at, e);
        }
        if (n < 0) {
          throw new AtollException(
              ErrorCode.CONFLICT, at + " became shorter while it was read", "copy it again");
        }
        tar.body(buffer, 0, n);
        left -= n;
      }
      tar.pad(is.size());
    }
  }

  private static List<Path> children(Path folder) {
    List<Path> all = new ArrayList<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(folder)) {
      found.forEach(all::add);
    } catch (IOException e) {
      throw LocalFailure.of(folder, e);
    } catch (java.nio.file.DirectoryIteratorException e) {
      throw LocalFailure.of(folder, new IOException(e.getMessage(), e));
    }
    all.sort(null);
    return all;
  }

  private static TarEntry entry(
      String name, TarEntry.Type type, int mode, BasicFileAttributes is, long size, String link) {
    long mtime = is.lastModifiedTime().toMillis() / 1000;
    return new TarEntry(name, type, size, mode, 0, 0, mtime, link, Map.of(), 0);
  }

  private static int mode(Path path, BasicFileAttributes is) throws IOException {
    if (is.isSymbolicLink() || !Modes.posix(path)) {
      return is.isDirectory() ? 0755 : 0644;
    }
    Set<PosixFilePermission> has = Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS);
    return Modes.of(has);
  }

  /// Names are bytes in a tar, one character each.
  private static String bytes(String name) {
    return new String(name.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }
}
