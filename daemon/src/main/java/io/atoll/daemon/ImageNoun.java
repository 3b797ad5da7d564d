package io.atoll.daemon;

import io.atoll.client.cli.Command;
import io.atoll.client.cli.Context;
import io.atoll.client.cli.Noun;
import io.atoll.client.cli.ProgressBar;
import io.atoll.client.cli.Table;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.ByteSize;
import io.atoll.runtime.image.Garbage;
import io.atoll.runtime.image.Images;
import io.atoll.runtime.image.Imports;
import io.atoll.runtime.image.content.DurableFiles;
import io.atoll.runtime.image.content.Reference;
import io.atoll.runtime.image.manifest.Platform;
import io.atoll.runtime.image.registry.ImageName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "image",
    header = "Images of this machine: fetch, import, build, convert, sign, trust, remove.",
    description = {
      "",
      "Works on the data folder, with or without a daemon. An image is a container image, a disk, a"
          + " root, or a single program or archive."
    },
    footer = {
      "  atoll image pull registry.example/app:1",
      "  atoll image import ./prog",
      "  atoll image trust ed25519:KEY",
      "  atoll image gc --budget 20Gi"
    },
    subcommands = {
      ImageNoun.ListVerb.class,
      ImageNoun.PullVerb.class,
      ImageNoun.ImportVerb.class,
      ImageNoun.ConvertVerb.class,
      ImageBuildVerb.class,
      ImageNoun.RemoveVerb.class,
      ImageNoun.GcVerb.class,
      ImageTrust.SignVerb.class,
      ImageTrust.VerifyVerb.class,
      ImageTrust.TrustVerb.class
    })
final class ImageNoun extends Noun {

  static void show(Context context, Reference image) {
    if (context.json()) {
      context.printJson(image);
    } else if (context.quiet()) {
      context.print(image.digest().toString());
    } else {
      context.print("name      " + image.name());
      context.print("kind      " + image.kind());
      context.print("platform  " + platform(image));
      context.print("size      " + ByteSize.format(image.size()));
      context.print("digest    " + image.digest());
      context.print("          " + image.sha3());
      if (image.index() != null) {
        context.print("index     " + image.index());
      }
    }
  }

  private static String platform(Reference image) {
    return image.os() == null ? "-" : image.os() + "/" + image.architecture();
  }

  @CommandLine.Command(
      name = "list",
      header = "List the images that are here.",
      footer = {"  atoll image list", "  atoll image list -o json"})
  static final class ListVerb extends Command {
    @Override
    protected int run(Context context) {
      List<Reference> images = LocalImages.of(context).images().list();
      if (context.json()) {
        context.printJson(images);
      } else if (context.quiet()) {
        images.forEach(image -> context.print(image.digest().toString()));
      } else {
        Table table = new Table("DIGEST", "KIND", "PLATFORM", "SIZE", "NAME");
        for (Reference image : images) {
          table.row(
              image.digest().brief(),
              image.kind(),
              platform(image),
              ByteSize.format(image.size()),
              image.name());
        }
        context.print(table);
      }
      return 0;
    }
  }

  @CommandLine.Command(
      name = "pull",
      header = "Fetch an image from a registry.",
      description = {
        "",
        "Every byte is checked against the digest; what broke off is gone on with. Logins are those of"
            + " docker login. Signatures of cosign come along."
      },
      footer = {
        "  atoll image pull registry.example/app:1",
        "  atoll image pull registry.example/app@sha256:DIGEST",
        "  atoll image pull --registry registry.example/library debian:12",
        "  atoll image pull --platform linux/arm64 registry.example/app:1"
      })
  static final class PullVerb extends Command {
    @Option(
        names = "--platform",
        paramLabel = "OS/CPU",
        description = "For which machine (linux and this one's processor).")
    @Nullable String platform;

    @Option(
        names = "--registry",
        paramLabel = "HOST[/FOLDER]",
        description =
            "Where names are that say no registry (ATOLL_REGISTRY); names of one word in FOLDER.")
    @Nullable String registry;

    @Parameters(paramLabel = "NAME", description = "[registry/]repository[:tag][@sha256:digest]")
    String name = "";

    @Override
    protected int run(Context context) throws Exception {
      LocalImages local = LocalImages.of(context, platform, registry);
      ImageName wanted = local.images().atRegistry(name);
      Reference image;
      try (ProgressBar bar = new ProgressBar(context)) {
        image = local.images().pull(wanted, bar::at);
      }
      ImageTrust.fetchSignatures(context, local, wanted, image);
      show(context, image);
      return 0;
    }
  }

  @CommandLine.Command(
      name = "import",
      header = "Make an image of a file or folder.",
      description = {
        "",
        "A tar of docker save or of an OCI layout, an OCI layout's folder, a tar of a root folder, a"
            + " squashfs, a qcow2 without a backing file, a program (ELF, PE, Mach-O, script), or a tar"
            + " with a program in it. What it is, its bytes say."
      },
      footer = {
        "  atoll image import ./prog",
        "  docker save app:1 -o app.tar && atoll image import app.tar --name app:1",
        "  atoll image import disk.qcow2 --name debian-12"
      })
  static final class ImportVerb extends Command {
    @Option(names = "--name", paramLabel = "NAME", description = "Its name (the file's).")
    @Nullable String name;

    @Option(
        names = "--platform",
        paramLabel = "OS/CPU",
        description = "Of a root folder, which says none (linux and this machine's processor).")
    @Nullable String platform;

    @Parameters(paramLabel = "FILE", description = "File or folder.")
    Path file = Path.of("");

    @Override
    protected int run(Context context) throws Exception {
      LocalImages local = LocalImages.of(context, platform, null);
      Platform given = platform == null ? null : local.images().settings().platform();
      String chosen =
          Optional.ofNullable(name)
              .orElseGet(() -> String.valueOf(file.toAbsolutePath().normalize().getFileName()));
      try (ProgressBar bar = new ProgressBar(context)) {
        Reference image = new Imports(local.images()).take(file, chosen, given, bar::at);
        bar.close();
        show(context, image);
      }
      return 0;
    }
  }

  @CommandLine.Command(
      name = "convert",
      header = "Make a read-only root (squashfs) of a container image.",
      description = {
        "",
        "It is made once for each digest and kept; the same image gives the same bytes. With FILE a copy"
            + " is written there."
      },
      footer = {
        "  atoll image convert debian:12",
        "  atoll image convert debian:12 debian.squashfs"
      })
  static final class ConvertVerb extends Command {
    @Parameters(index = "0", paramLabel = "IMAGE", description = "Name or digest.")
    String name = "";

    @Parameters(index = "1", arity = "0..1", paramLabel = "FILE", description = "Where to.")
    @Nullable Path file;

    @Option(names = "--force", description = "Replace the file if it is there.")
    boolean force;

    @Override
    protected int run(Context context) throws Exception {
      Path target = file;
      if (target != null && Files.exists(target) && !force) {
        throw new AtollException(
            ErrorCode.CONFLICT,
            target + " is there already",
            "choose another name, or replace it with --force");
      }
      Images images = LocalImages.of(context).images();
      Path root;
      try (ProgressBar bar = new ProgressBar(context)) {
        root = images.root(images.get(name), bar::at);
      }
      if (target != null) {
        copy(root, target);
      }
      Path made = target == null ? root : target;
      if (context.json()) {
        context.printJson(Map.of("file", made.toString(), "bytes", Files.size(made)));
      } else {
        context.print(made.toString());
      }
      return 0;
    }

    private static void copy(Path from, Path to) {
      Path part = to.resolveSibling(to.getFileName() + ".part");
      try {
        Files.copy(from, part, StandardCopyOption.REPLACE_EXISTING);
        Files.move(part, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } catch (IOException e) {
        throw DurableFiles.failure("write " + to, to.toAbsolutePath(), e);
      } finally {
        try {
          Files.deleteIfExists(part);
        } catch (IOException _) {
          // Said already, if it mattered.
        }
      }
    }
  }

  @CommandLine.Command(
      name = "rm",
      header = "Take names away; the bytes go with the next `image gc`.",
      footer = {"  atoll image rm debian:12"})
  static final class RemoveVerb extends Command {
    @Parameters(paramLabel = "IMAGE", arity = "1..*", description = "Name or digest.")
    List<String> names = List.of();

    @Override
    protected int run(Context context) {
      Images images = LocalImages.of(context).images();
      for (String name : names) {
        Reference image = images.get(name);
        images.forget(image);
        context.print(image.name());
      }
      return 0;
    }
  }

  @CommandLine.Command(
      name = "gc",
      header = "Make room: remove what nobody needs, then what was not used for longest.",
      description = {"", "What a run uses stays, whatever the budget."},
      footer = {"  atoll image gc --budget 20Gi", "  atoll image gc --budget 0"})
  static final class GcVerb extends Command {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    @Option(
        names = "--budget",
        paramLabel = "SIZE",
        required = true,
        description = "How much may stay, such as 20Gi.")
    String budget = "";

    @Override
    protected int run(Context context) throws Exception {
      long bytes;
      try {
        bytes = ByteSize.parse(budget);
      } catch (IllegalArgumentException e) {
        throw usage(String.valueOf(e.getMessage()));
      }
      Garbage.Outcome outcome =
          new Garbage(LocalImages.of(context).images()).collect(bytes, PATIENCE);
      if (context.json()) {
        context.printJson(outcome);
      } else {
        outcome.removed().forEach(context::print);
        if (!context.quiet()) {
          context.note(
              "freed "
                  + ByteSize.format(outcome.before() - outcome.after())
                  + ", left "
                  + ByteSize.format(outcome.after())
                  + (outcome.kept().isEmpty()
                      ? ""
                      : ", in use: " + String.join(", ", outcome.kept())));
        }
      }
      return 0;
    }
  }
}
