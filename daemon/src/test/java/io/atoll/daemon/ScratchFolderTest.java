package io.atoll.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.os.FolderRemoval;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScratchFolderTest {
  @TempDir Path parent;

  /// Deeper than a path can be long, as a payload may leave it: two halves, one moved into the
  /// other.
  private static void makeDeep(Path folder) throws Exception {
    Path bottom = Files.createDirectories(folder.resolve("d/".repeat(1900)));
    Path other = Files.createDirectory(folder.resolve("other"));
    Files.createDirectories(other.resolve("e/".repeat(1900)));
    Files.move(other, bottom.resolve("other"));
  }

  @Test
  void goesWithAllThatWasPutIntoIt() throws Exception {
    Path elsewhere = Files.writeString(parent.resolve("elsewhere"), "stays");
    ScratchFolder scratch = ScratchFolder.in(parent, "scratch-");
    Path path = scratch.path();
    assertThat(Files.getPosixFilePermissions(path))
        .isEqualTo(PosixFilePermissions.fromString("rwx------"));
    try (scratch) {
      Files.createSymbolicLink(path.resolve("link"), elsewhere);
      Path locked = Files.createDirectory(path.resolve("locked"));
      Files.writeString(locked.resolve("file"), "");
      Files.setPosixFilePermissions(locked, PosixFilePermissions.fromString("---------"));
      makeDeep(path);
    }
    assertThat(path).doesNotExist();
    assertThat(elsewhere).hasContent("stays");
    scratch.close();
    FolderRemoval.remove(path);
  }
}
