package io.atoll.daemon.store;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/// A file system of a few megabytes with a ballast file, to be full on purpose and to get room
/// again.
public final class TinyDisk implements AutoCloseable {
  private final Path folder;

  private TinyDisk(Path folder) {
    this.folder = folder;
  }

  /// Mounts a tmpfs; the calling test is skipped, by name, where that is not allowed.
  public static TinyDisk mount(Path folder, int megabytes, int ballast)
      throws IOException, InterruptedException {
    Files.createDirectories(folder);
    int status = -1;
    try {
      status =
          run("mount", "-t", "tmpfs", "-o", "size=" + megabytes + "m", "tmpfs", folder.toString());
    } catch (IOException e) {
      Assumptions.abort("full-disk test not run: no mount program: " + e.getMessage());
    }
    Assumptions.assumeTrue(status == 0, "full-disk test not run: mounting a tmpfs needs root");
    TinyDisk disk = new TinyDisk(folder);
    Files.write(folder.resolve("ballast"), new byte[ballast << 20]);
    return disk;
  }

  public Path folder() {
    return folder;
  }

  /// Takes all that is left.
  public void fill() throws IOException {
    try (OutputStream out = Files.newOutputStream(folder.resolve("filler"))) {
      byte[] block = new byte[4096];
      while (true) {
        out.write(block);
      }
    } catch (IOException full) {
      if (PrivateFiles.room(folder.resolve("filler")) > 0) {
        throw full;
      }
    }
  }

  public void makeRoomOfFiller() throws IOException {
    Files.delete(folder.resolve("filler"));
  }

  public void makeRoom() throws IOException {
    Files.delete(folder.resolve("ballast"));
  }

  private static int run(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }

  @Override
  public void close() throws Exception {
    // Lazily: a native library that was unpacked there stays mapped while the JVM lives.
    if (run("umount", "--lazy", folder.toString()) != 0) {
      throw new IllegalStateException("cannot unmount " + folder);
    }
  }
}
