package io.atoll.runtime.vm;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import io.atoll.core.term.Resources;
import io.atoll.runtime.process.ProcessDriver;
import io.atoll.runtime.qemu.QemuProgram;
import io.atoll.runtime.qemu.build.ImageBuild;
import io.atoll.runtime.qemu.build.Recipe;
import io.atoll.runtime.qemu.disk.VmImage;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;

/// The image that machines of tests boot, built once a checkout (minutes, from the packages'
/// mirror) and kept in `.build/vm-images`.
public final class TestImage {
  public static final String NAME = "debian-12";

  /// Of the machines that have a template in [#clones].
  public static final Resources SIZE = new Resources(1000, 512L << 20, 0);

  private TestImage() {}

  public static synchronized Path images() throws Exception {
    Path images = root().resolve(".build/vm-images");
    Files.createDirectories(images);
    Path lock = images.resolveSibling("vm-images.lock");
    try (FileChannel file = FileChannel.open(lock, CREATE, WRITE);
        var _ = file.lock()) { // other tests of this checkout may want it at the same moment
      new ImageBuild(
              Recipe.of(NAME).orElseThrow(),
              images,
              (step, of, what) ->
                  System.out.println("image: step " + step + "/" + of + ": " + what))
          .run();
    }
    return images;
  }

  static VmSettings settings(Path folder) throws Exception {
    return with(folder.resolve("templates"));
  }

  private static VmSettings with(Path templates) throws Exception {
    Optional<Path> program = QemuProgram.find("x86_64", List.of());
    Assumptions.assumeTrue(program.isPresent(), "qemu: qemu-system-x86_64 is not installed");
    return VmSettings.of(QemuProgram.ask(program.get()), images(), templates);
  }

  /// With the templates that all tests of this checkout share.
  static VmSettings cloning() throws Exception {
    return with(Files.createDirectories(images().resolveSibling("vm-templates"))).withCloning(true);
  }

  /// A driver whose machines of [#SIZE] are clones, from the first on.
  ///
  /// @param folder for templates
  public static VmDriver clones(ProcessDriver processes, Path folder) throws Exception {
    VmSettings settings = settings(folder).withCloning(true);
    VmImage image = VmImage.of(settings.images().resolve(NAME));
    try (Templates templates = new Templates(processes, settings)) {
      templates.await(image, MachineShape.of(SIZE), Duration.ofMinutes(15));
    }
    return new VmDriver(processes, settings, (run, phase) -> {});
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
