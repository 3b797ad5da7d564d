package io.atoll.runtime.image;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// Which file of an archive is run. Programs are files with an execute bit that begin as an
/// executable or a script does; links are none. Of those it is, in this order:
///
/// 1. `entrypoint` at the top, or in the one folder at the top,
/// 2. the only one,
/// 3. the only one in the folder that is least deep of those that have any.
///
/// @param path relative to the archive's folder
record ProgramEntry(String path, ProgramFile file) {
  private static final String NAMED = "entrypoint";
  private static final int SHOWN = 8;

  /// @throws AtollException BAD_REQUEST if there is none, or more than one
  static ProgramEntry choose(String what, Path folder) throws IOException {
    List<ProgramEntry> all = programs(folder);
    if (all.isEmpty()) {
      throw refused(what, "it holds no program: no file with an execute bit is one");
    }
    if (all.size() == 1) {
      return all.getFirst();
    }
    int least = all.getFirst().depth();
    List<ProgramEntry> named =
        all.stream()
            .filter(one -> one.name().equals(NAMED) && (one.depth() == 0 || one.depth() == 1))
            .toList();
    List<ProgramEntry> top = all.stream().filter(one -> one.depth() == least).toList();
    if (!named.isEmpty()) {
      return named.getFirst();
    }
    if (top.size() == 1) {
      return top.getFirst();
    }
    throw refused(
        what,
        "it does not say which of its programs to run: "
            + top.stream()
                .limit(SHOWN)
                .map(one -> Images.plain(one.path()))
                .collect(Collectors.joining(", "))
            + (top.size() > SHOWN ? ", …" : ""));
  }

  /// The least deep first, then by name.
  private static List<ProgramEntry> programs(Path folder) throws IOException {
    List<ProgramEntry> found = new ArrayList<>();
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            if (attributes.isRegularFile() && Files.isExecutable(file)) {
              of(folder, file).ifPresent(found::add);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    found.sort(Comparator.comparingInt(ProgramEntry::depth).thenComparing(ProgramEntry::path));
    return found;
  }

  private static Optional<ProgramEntry> of(Path folder, Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return ProgramFile.detect(in.readNBytes(ProgramFile.ENOUGH))
          .map(program -> new ProgramEntry(folder.relativize(file).toString(), program));
    }
  }

  private int depth() {
    return (int) path.chars().filter(c -> c == '/').count();
  }

  private String name() {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  private static AtollException refused(String what, String why) {
    return new AtollException(
        ErrorCode.BAD_REQUEST,
        "the archive " + what + " cannot be run: " + why,
        "put one program at its top, or call the one to run `entrypoint`");
  }
}
