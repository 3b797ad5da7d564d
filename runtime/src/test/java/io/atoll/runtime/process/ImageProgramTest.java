package io.atoll.runtime.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.Exit;
import io.atoll.core.term.OutputChunk;
import io.atoll.core.term.Resources;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.core.term.Workload;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.DriverException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// A run has the program of its image, and cannot change it.
@Tag("real")
@EnabledOnOs(OS.LINUX)
@Timeout(120)
class ImageProgramTest {
  private static final String SCRIPT =
      """
      #!/bin/sh
      echo "$0 $# $1"
      cat /app/data/text
      for target in /app/prog /app/data/text /app/new /app/data/new; do
        echo x 2>/dev/null > $target && echo "wrote $target"
      done
      rm -f /app/data/text 2>/dev/null && echo removed
      chmod 0777 /app/prog 2>/dev/null && echo changed
      ls /app
      [ -z "$2" ] || touch own
      exit 5
      """;

  @TempDir Path folder;
  private Path image;
  private ProcessDriver driver;

  @BeforeEach
  void make() throws Exception {
    // As the store keeps it: the run's user could not walk there.
    Path store = Files.createDirectory(folder.resolve("store"));
    Files.setPosixFilePermissions(store, PosixFilePermissions.fromString("rwx------"));
    image = Files.createDirectories(store.resolve("files"));
    Path program = Files.writeString(image.resolve("prog"), SCRIPT);
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("r-xr-xr-x"));
    Files.createDirectory(image.resolve("data"));
    Files.writeString(image.resolve("data/text"), "of the image\n");
    driver =
        new ProcessDriver(
            ProcessSettings.of(SupervisorBinary.path(), folder.resolve("runs")),
            new Programs() {
              @Override
              public void admitHostProgram() throws DriverException {
                throw new DriverException(ErrorCode.DENIED, "not here", "ask");
              }

              @Override
              public Program resolveProgram(RunId run, String reference) {
                return new Program(image, "prog");
              }
            });
  }

  private ActivitySpec spec(String image, long disk, String... command) {
    RunId id = new RunId(TaskId.random(new SecureRandom()), new Epoch(1, 1));
    return new ActivitySpec(
        id,
        new Workload(
            "process",
            image,
            List.of(command),
            Map.of(),
            new Resources(1000, 64L << 20, disk),
            16,
            List.of(),
            false,
            Workload.Isolation.SANDBOX),
        folder.resolve("runs").resolve(id.toString()));
  }

  private void runs(ActivitySpec spec, String first) throws Exception {
    Activity activity = driver.prepare(spec).start();
    Exit exit = activity.await();
    assertThat(exit).as(exit.detail()).isEqualTo(Exit.of(5));
    assertThat(Escape.text(spec, OutputChunk.Stream.STDOUT))
        .isEqualTo(first + "\nof the image\ndata\nprog\n");
    activity.destroy();
    assertThat(image.resolve("prog")).hasContent(SCRIPT);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(image.resolve("prog"))))
        .isEqualTo("r-xr-xr-x");
  }

  @Test
  void theProgramRunsWithItsArgumentsAndCannotBeChanged() throws Exception {
    runs(spec("app", 0), "/app/prog 0 ");
    runs(spec("app", 0, "--one"), "/app/prog 1 --one");
    // With a disk of its own, which it may write to.
    runs(spec("app", 1 << 20, "a b", "w"), "/app/prog 2 a b");
  }

  @Test
  void whatMayNotRunIsRefusedBeforeAnythingIsMade() {
    assertThatThrownBy(() -> driver.prepare(spec(null, 0, "/bin/true")))
        .isInstanceOfSatisfying(
            DriverException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DENIED));
    assertThat(folder.resolve("runs").toFile().list((at, name) -> !name.startsWith("."))).isEmpty();
  }
}
