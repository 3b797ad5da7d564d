package io.atoll.client.cli;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.ByteSize;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "backup",
    header = "Write a copy of the hub's store while the hub runs.",
    description = {"", "The file is there whole or not at all, and readable by you alone."},
    footer = {
      "  atoll backup hub-2026-01-31.db",
      "  atoll restore hub-2026-01-31.db      with the hub stopped"
    })
final class BackupCommand extends Command {
  @Option(names = "--force", description = "Replace the file if it is there.")
  boolean force;

  @Parameters(paramLabel = "FILE", description = "Where to.")
  Path file = Path.of("");

  @Override
  protected int run(Context context) {
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new AtollException(
          ErrorCode.BAD_REQUEST,
          file + " is no regular file: a backup would take the place of a folder or a device",
          "name a file");
    }
    if (Files.exists(file) && !force) {
      throw new AtollException(
          ErrorCode.CONFLICT,
          file + " is there already",
          "choose another name, or replace it with --force");
    }
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw new AtollException(
          ErrorCode.NOT_FOUND,
          "cannot write " + file + ": there is no folder " + folder,
          "make it first: mkdir -p " + folder);
    }
    Path part = file.resolveSibling(file.getFileName() + ".part");
    try {
      Files.deleteIfExists(part);
      try (FileChannel channel =
              FileChannel.open(
                  part,
                  Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                  readableByOwner(part));
          OutputStream out = Channels.newOutputStream(channel)) {
        context.hub().backup(out);
        channel.force(true);
      }
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      long size = Files.size(file);
      if (context.json()) {
        context.printJson(Map.of("file", file.toString(), "bytes", size));
      } else {
        context.print(file.toString());
        context.progress(ByteSize.format(size) + " bytes");
      }
      return 0;
    } catch (AccessDeniedException e) {
      throw new AtollException(
          ErrorCode.DENIED,
          "cannot write " + file + ": this user may not write to " + folder,
          "choose another folder",
          e);
    } catch (IOException e) {
      throw new AtollException(
          ErrorCode.DISK_FULL,
          "cannot write " + file + ": " + e.getMessage(),
          "check that the folder is writable and has room",
          e);
    } finally {
      removed(part);
    }
  }

  static FileAttribute<?>[] readableByOwner(Path file) {
    return file.getFileSystem().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        }
        : new FileAttribute<?>[0];
  }

  static void removed(Path part) {
    try {
      Files.deleteIfExists(part);
    } catch (IOException e) {
      // The failure that left it behind is the one to be told.
    }
  }
}
