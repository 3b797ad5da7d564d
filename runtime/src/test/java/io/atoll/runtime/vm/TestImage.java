package io.atoll.runtime.vm;

import io.atoll.runtime.qemu.QemuProgram;
import io.atoll.runtime.qemu.build.ImageBuild;
import io.atoll.runtime.qemu.build.Recipe;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;

/// The image that machines of tests boot, built once a checkout (minutes, from the packages'
/// mirror) and kept in `.build/vm-images`.
public final class TestImage {
  private TestImage() {}

  public static synchronized Path images() throws Exception {
    Path images = root().resolve(".build/vm-images");
    Files.createDirectories(images);
    new ImageBuild(
            Recipe.of("debian-12").orElseThrow(),
            images,
            (step, of, what) -> System.out.println("image: step " + step + "/" + of + ": " + what))
        .run();
    return images;
  }

  static VmSettings settings(Path folder) throws Exception {
    Optional<Path> program = QemuProgram.find("x86_64", List.of());
    Assumptions.assumeTrue(program.isPresent(), "qemu: qemu-system-x86_64 is not installed");
    return VmSettings.of(QemuProgram.ask(program.get()), images(), folder.resolve("templates"));
  }

  private static Path root() {
    Path at = Path.of("").toAbsolutePath();
    while (at != null && !Files.exists(at.resolve("supervisor/Makefile"))) {
      at = at.getParent();
    }
    if (at == null) {
      throw new IllegalStateException("no supervisor/ above the working folder");
    }
    return at;
  }
}
