package io.atoll.daemon;

import io.atoll.client.cli.Command;
import io.atoll.client.cli.Context;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.runtime.qemu.build.BuildException;
import io.atoll.runtime.qemu.build.ImageBuild;
import io.atoll.runtime.qemu.build.Recipe;
import io.atoll.runtime.qemu.disk.VmImage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "build",
    header = "Build a cloud image for virtual machines from a distribution's packages.",
    description = {
      "",
      "Takes some minutes and 150 MB from the distribution's mirror; needs root and the programs"
          + " mmdebstrap, mke2fs, qemu-img and lz4. Interrupted, it goes on when it is said again."
    },
    footer = {"  atoll image build debian-12", "  atoll image build --to /srv/images debian-12"})
final class ImageBuildVerb extends Command {
  @Parameters(paramLabel = "NAME", description = "What to build: debian-12.")
  String name = "";

  @Option(
      names = "--to",
      paramLabel = "FOLDER",
      description = "Where images lie; by default in the data folder.")
  Path to = Path.of("");

  /// @param folder the image
  /// @param user who logs in by SSH
  private record Outcome(String name, String folder, String user, long diskBytes) {}

  @Override
  protected int run(Context context) throws IOException, InterruptedException {
    Recipe recipe =
        Recipe.of(name)
            .orElseThrow(
                () ->
                    usage(
                        "there is no recipe '"
                            + name
                            + "'; known: "
                            + String.join(", ", Recipe.names())));
    Path images = to.toString().isEmpty() ? context.dataDir().resolve(Drivers.MACHINE_IMAGES) : to;
    long began = System.nanoTime();
    VmImage image;
    try {
      image =
          new ImageBuild(
                  recipe,
                  images,
                  (step, of, what) -> context.progress("step " + step + " of " + of + ": " + what))
              .run();
    } catch (BuildException e) {
      throw new AtollException(e.code(), e.text(), e.hint(), e);
    } catch (IOException e) {
      throw new AtollException(
          ErrorCode.INTERNAL,
          "building '" + name + "' in " + images + " failed: " + e.getMessage(),
          "say it again: it goes on where it was",
          e);
    }
    context.progress("took " + ImageBuild.took(Duration.ofNanos(System.nanoTime() - began)));
    Outcome outcome =
        new Outcome(name, image.folder().toString(), image.user(), image.virtualSize());
    if (context.json()) {
      context.printJson(outcome);
    } else {
      context.print(outcome.folder());
    }
    return 0;
  }
}
