package io.atoll.client.copy;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.tar.TarEntry;
import io.atoll.core.tar.TarException;
import io.atoll.core.tar.TarReader;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A place on this machine. What comes is unpacked as if an enemy had packed it: no name leads out
/// of the target, nothing is followed below it, links may point only to what comes with them, and
/// the disk is never filled.
///
/// Into a folder that is there members go by their names. A target that is not there, or is a file,
/// takes the place of the first part of their names, as `cp` does it.
public final class LocalTarget implements Target {
  private final Path root;

  /// What the first part of every name becomes; null: itself.
  private final @Nullable String base;

  private final boolean onlyFile;
  private final String top;
  private final Consumer<String> notes;

  private LocalTarget(
      Path root, @Nullable String base, boolean onlyFile, String top, Consumer<String> notes) {
    this.root = root;
    this.base = base;
    this.top = top;
    this.onlyFile = onlyFile;
    this.notes = notes;
  }

  /// @param text as the user wrote it: a slash at its end asks for a folder that is there
  /// @param top first part of the names of what was asked for; see `Place.top`
  /// @throws AtollException if nothing can be put there
  public static LocalTarget of(String text, String top, Consumer<String> notes) {
    Path path = Path.of(text);
    boolean slash = text.endsWith("/");
    try {
      if (Files.isDirectory(path)) {
        return new LocalTarget(path.toRealPath(), null, false, top, notes);
      }
      boolean there = Files.exists(path);
      if (there && (slash || !Files.isRegularFile(path))) {
        throw new AtollException(
            ErrorCode.CONFLICT,
            path + " is no " + (slash ? "folder" : "file and no folder"),
            slash ? "leave out the slash at its end" : "for a tar on standard output, write -");
      }
      Path whole = there ? path.toRealPath() : path.toAbsolutePath().normalize();
      Path folder = whole.getParent();
      if (slash || folder == null || !Files.isDirectory(folder)) {
        throw new AtollException(
            ErrorCode.NOT_FOUND,
            "there is no folder " + (slash ? path : folder),
            "make it first: mkdir -p");
      }
      return new LocalTarget(
          folder.toRealPath(), String.valueOf(whole.getFileName()), there, top, notes);
    } catch (IOException e) {
      throw LocalFailure.of(path, e);
    }
  }

  @Override
  public void take(InputStream in) throws IOException, InterruptedException {
    TarReader tar = new TarReader(new BufferedInputStream(in, 64 << 10));
    Members members = new Members(root, base, top, notes);
    try {
      for (TarEntry entry = tar.next(); entry != null; entry = tar.next()) {
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        take(members, entry, tar);
      }
      members.end();
    } catch (TarException e) {
      throw new AtollException(
          ErrorCode.BAD_REQUEST,
          "what came was refused: " + e.getMessage(),
          "nothing was written outside of " + root,
          e);
    }
  }

  private void take(Members members, TarEntry entry, TarReader tar) throws IOException {
    if (onlyFile && entry.type() != TarEntry.Type.FILE) {
      throw new AtollException(
          ErrorCode.CONFLICT,
          root.resolve(String.valueOf(base)) + " is a file, and a folder or link came",
          "name another target, or remove it first");
    }
    switch (entry.type()) {
      case FILE -> members.file(entry, tar);
      case FOLDER -> members.folder(entry);
      case SYMLINK -> members.link(entry);
      case HARD_LINK, CHARACTER_DEVICE, BLOCK_DEVICE, FIFO ->
          notes.accept(entry.shown() + ": left out: it is no file, folder or symbolic link");
    }
  }

  /// As text, if this system can have it.
  static String text(String raw) throws TarException {
    String text = new String(raw.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    if (text.indexOf('\ufffd') >= 0) {
      throw new TarException("the name " + TarEntry.shown(raw) + " is no UTF-8");
    }
    return text;
  }

  static boolean folder(Path path) {
    return Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
  }
}
