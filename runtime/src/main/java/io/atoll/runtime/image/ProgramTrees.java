package io.atoll.runtime.image;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.os.FolderRemoval;
import io.atoll.runtime.image.content.ContentStore;
import io.atoll.runtime.image.content.Digest;
import io.atoll.runtime.image.content.DurableFiles;
import io.atoll.runtime.image.content.Reference;
import io.atoll.runtime.image.content.Reference.Kind;
import io.atoll.runtime.image.layer.LayerStack;
import io.atoll.runtime.image.manifest.Platform;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.UUID;

/// Programs and archives of the store as files that can be run: made once for each digest, there
/// whole or not at all, their bytes checked on the way. Every user may read and run them, nobody
/// but the store's owner could write, and no set-user-id bit is left.
final class ProgramTrees {
  private static final String FILES = "files";

  private final ContentStore store;
  private final ImageSettings settings;
  private final Path folder;

  ProgramTrees(ContentStore store, ImageSettings settings) {
    this.store = store;
    this.settings = settings;
    this.folder = store.folder().resolve("programs");
    try {
      DurableFiles.folder(folder);
    } catch (IOException e) {
      throw DurableFiles.failure("make the folder of programs", folder, e);
    }
  }

  Path folder() {
    return folder;
  }

  Path folder(Digest image) {
    return folder.resolve(image.hex());
  }

  /// Makes the files if they are not there.
  ///
  /// @param kind PROGRAM or ARCHIVE
  /// @throws AtollException BAD_REQUEST if there is no program in it
  ProgramEntry entry(String what, Digest image, Kind kind) throws InterruptedException {
    Path made = folder(image);
    try {
      if (!Files.isDirectory(made)) {
        unpack(what, image, kind, made);
      }
      try {
        return ProgramEntry.choose(what, made.resolve(FILES));
      } catch (AtollException e) {
        // Nobody can run it.
        remove(made);
        throw e;
      }
    } catch (IOException e) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      throw DurableFiles.failure("unpack " + what, folder, e);
    }
  }

  /// @throws AtollException BAD_REQUEST if there is no program in it; START_FAILED if it is for
  ///     another system or processor
  ProgramTree make(Reference image) throws InterruptedException {
    ProgramEntry entry = entry(image.name(), image.digest(), image.kind());
    Platform platform = entry.file().platform();
    if (platform != null && !settings.platform().runs(platform)) {
      throw new AtollException(
          ErrorCode.START_FAILED,
          image.name() + " is for " + platform + ", and this node runs " + settings.platform(),
          "build it for " + settings.platform() + ", or name a node of its kind with --node");
    }
    return new ProgramTree(
        folder(image.digest()).resolve(FILES), entry.path(), entry.file().interpreter());
  }

  private void unpack(String what, Digest image, Kind kind, Path made)
      throws IOException, InterruptedException {
    Path fresh = folder.resolve(".new-" + UUID.randomUUID());
    try (var _ = store.hold()) {
      Path files = fresh.resolve(FILES);
      if (kind == Kind.PROGRAM) {
        Files.createDirectories(files);
        Path program = files.resolve(ProgramTree.ALONE);
        try (InputStream in = store.verified(image)) {
          Files.copy(in, program);
        }
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("r-xr-xr-x"));
      } else {
        new LayerStack(
                what, List.of(() -> store.verified(image)), settings.bounds(), settings.devices())
            .toFolder(files);
      }
      settle(fresh);
      DurableFiles.rename(fresh, made);
    } catch (FileAlreadyExistsException | DirectoryNotEmptyException e) {
      // Another run was first, with the same bytes.
    } finally {
      remove(fresh);
    }
  }

  private static void remove(Path tree) {
    boolean interrupted = Thread.interrupted();
    try {
      FolderRemoval.remove(tree);
    } catch (IOException _) {
      // The collection takes it.
    } catch (InterruptedException _) {
      interrupted = true;
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /// Modes for everybody, and on the disk.
  private static void settle(Path fresh) throws IOException {
    Files.walkFileTree(
        fresh,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path at, BasicFileAttributes attributes)
              throws IOException {
            Files.setPosixFilePermissions(at, PosixFilePermissions.fromString("rwxr-xr-x"));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            if (attributes.isRegularFile()) {
              boolean runs = anybodyRuns(file);
              Files.setPosixFilePermissions(
                  file, PosixFilePermissions.fromString(runs ? "r-xr-xr-x" : "r--r--r--"));
              try (FileChannel written = FileChannel.open(file, StandardOpenOption.READ)) {
                written.force(true);
              }
            }
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private static boolean anybodyRuns(Path file) throws IOException {
    return Files.getPosixFilePermissions(file).stream()
        .anyMatch(permission -> permission.name().endsWith("_EXECUTE"));
  }
}
