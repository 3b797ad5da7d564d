package io.atoll.runtime.image;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.runtime.image.content.BlobFacts;
import io.atoll.runtime.image.content.ContentStore;
import io.atoll.runtime.image.content.Digest;
import io.atoll.runtime.image.content.DurableFiles;
import io.atoll.runtime.image.content.Leases;
import io.atoll.runtime.image.content.Reference;
import io.atoll.runtime.image.content.Reference.Kind;
import io.atoll.runtime.image.content.References;
import io.atoll.runtime.image.content.StoreHold;
import io.atoll.runtime.image.manifest.Descriptor;
import io.atoll.runtime.image.manifest.ImageConfig;
import io.atoll.runtime.image.manifest.ImageDocument;
import io.atoll.runtime.image.manifest.MediaTypes;
import io.atoll.runtime.image.manifest.Platform;
import io.atoll.runtime.image.registry.ImageName;
import io.atoll.runtime.image.registry.Registry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The images of one folder. Any thread, any number of processes; blocking; cancelled by interrupt.
/// What fails is an `AtollException`, and leaves no name behind.
public final class Images {
  private static final int SHORTEST_DIGEST = 8;

  private final ImageSettings settings;
  private final ContentStore store;
  private final References references;
  private final Leases leases;
  private final Squashfs roots;
  private final ProgramTrees programs;

  public Images(ImageSettings settings) {
    this.settings = settings;
    this.store = ContentStore.open(settings.folder());
    this.references = References.of(store);
    this.leases = Leases.of(store);
    this.roots = new Squashfs(store);
    this.programs = new ProgramTrees(store, settings);
  }

  public ContentStore store() {
    return store;
  }

  public ImageSettings settings() {
    return settings;
  }

  /// Keeps images from the collection while somebody runs them.
  public Leases leases() {
    return leases;
  }

  /// By name.
  public List<Reference> list() {
    return references.all();
  }

  /// Takes the name away; the bytes go with the next collection, if nobody needs them.
  ///
  /// @return false if there was none
  public boolean forget(Reference image) {
    return references.remove(image.name());
  }

  /// Fetches an image. A tag is asked for again each time, and what is here is not fetched again.
  ///
  /// @throws AtollException IMAGE_NOT_FOUND, also if there is none for the platform; UNREACHABLE,
  ///     TIMEOUT, UNAUTHENTICATED, DENIED, TOO_LARGE, DISK_FULL; START_FAILED if bytes are not
  /// those
  ///     of their digest
  public Reference pull(ImageName name, ImageProgress progress) throws InterruptedException {
    try {
      return pulled(name, progress);
    } catch (AtollException e) {
      if (e.code() == ErrorCode.DISK_FULL) {
        // What came of it would keep the disk full for everybody else.
        new Garbage(this).removeUnneeded();
      }
      throw e;
    }
  }

  private Reference pulled(ImageName name, ImageProgress progress) throws InterruptedException {
    try (Registry registry = new Registry(settings.registry());
        StoreHold _ = store.hold()) {
      Registry.Fetched top = registry.manifest(name);
      ImageDocument document =
          ImageDocument.parse("the manifest of " + name, top.mediaType(), top.bytes());
      Digest index = null;
      Registry.Fetched one = top;
      if (document instanceof ImageDocument.Index choice) {
        Descriptor chosen = choice.choose(settings.platform(), name.toString());
        index = top.digest();
        one = registry.manifest(name.at(chosen.digest()));
        document = ImageDocument.parse("a manifest of " + name, one.mediaType(), one.bytes());
      }
      if (!(document instanceof ImageDocument.Manifest manifest)) {
        throw new AtollException(
            ErrorCode.BAD_REQUEST, name + " is an index of indexes", "name one of its images");
      }
      if (manifest.size() > settings.registry().mostImage()) {
        throw new AtollException(
            ErrorCode.TOO_LARGE,
            name + " has " + manifest.size() + " bytes, more than are allowed",
            "make the image smaller");
      }
      fetch(registry, name, manifest, progress);
      store.put(top.bytes());
      if (!MediaTypes.config(manifest.config().mediaType()) && manifest.layers().size() == 1) {
        return artifact(name, one, manifest.layers().getFirst());
      }
      BlobFacts facts = store.put(one.bytes());
      ContainerImage image = new ContainerImage(name.toString(), facts.digest(), manifest);
      Platform platform = image.config(store).platform();
      refuseOtherPlatform(name.toString(), platform);
      return named(
          name.toString(), facts, index, platform, manifest, name.at(facts.digest()).toString());
    }
  }

  /// A program or archive at a registry, as `oras push NAME FILE` puts it there: the one layer is
  /// the image, and who vouches for the manifest vouches for it.
  private Reference artifact(ImageName name, Registry.Fetched manifest, Descriptor layer)
      throws InterruptedException {
    store.put(manifest.bytes());
    Path file = store.path(layer.digest());
    BlobFacts facts = store.facts(layer.digest()).orElseThrow();
    String source = name.at(manifest.digest()).toString();
    try (InputStream in = store.open(layer.digest())) {
      Optional<ProgramFile> program = ProgramFile.detect(in.readNBytes(ProgramFile.ENOUGH));
      if (program.isPresent()) {
        return named(
            name.toString(),
            facts,
            manifest.digest(),
            Kind.PROGRAM,
            program.get().platform(),
            source);
      }
      if (TarContents.of(file, settings.bounds()).shape() == TarContents.Shape.ARCHIVE) {
        ProgramEntry entry = programs.entry(name.toString(), facts.digest(), Kind.ARCHIVE);
        return named(
            name.toString(),
            facts,
            manifest.digest(),
            Kind.ARCHIVE,
            entry.file().platform(),
            source);
      }
    } catch (IOException e) {
      throw DurableFiles.failure("read " + name, store.folder(), e);
    }
    throw new AtollException(
        ErrorCode.BAD_REQUEST,
        name + " is no image: it holds one file, which is neither a program nor an archive",
        "push a container image, a program, or a tar with a program in it");
  }

  private void fetch(
      Registry registry, ImageName name, ImageDocument.Manifest manifest, ImageProgress progress)
      throws InterruptedException {
    long total = manifest.size();
    long before = 0;
    List<Descriptor> all = new java.util.ArrayList<>(manifest.layers());
    all.addFirst(manifest.config());
    for (Descriptor part : all) {
      long from = before;
      registry.fetch(name, part, store, (_, done, _) -> progress.at("pull", from + done, total));
      before += part.size();
    }
  }

  void refuseOtherPlatform(String what, Platform platform) {
    if (!platform.os().isEmpty() && !settings.platform().runs(platform)) {
      throw new AtollException(
          ErrorCode.IMAGE_NOT_FOUND,
          what + " is for " + platform + ", and this machine runs " + settings.platform(),
          "build it for " + settings.platform() + ", or run it where its platform is");
    }
  }

  /// Names an image whose parts are all in the store.
  Reference named(
      String name,
      BlobFacts facts,
      @Nullable Digest index,
      Platform platform,
      ImageDocument.Manifest manifest,
      String source) {
    Reference reference =
        new Reference(
            name,
            facts.digest(),
            facts.sha3(),
            index,
            Kind.CONTAINER,
            platform.os().isEmpty() ? null : platform.os(),
            platform.architecture().isEmpty() ? null : platform.architecture(),
            Math.addExact(manifest.size(), facts.size()),
            source,
            Instant.now());
    references.put(reference);
    return reference;
  }

  /// Names an image that is one file.
  Reference named(
      String name, BlobFacts facts, Kind kind, @Nullable Platform platform, String source) {
    return named(name, facts, null, kind, platform, source);
  }

  private Reference named(
      String name,
      BlobFacts facts,
      @Nullable Digest index,
      Kind kind,
      @Nullable Platform platform,
      String source) {
    Reference reference =
        new Reference(
            name,
            facts.digest(),
            facts.sha3(),
            index,
            kind,
            platform == null ? null : platform.os(),
            platform == null ? null : platform.architecture(),
            facts.size(),
            source,
            Instant.now());
    references.put(reference);
    return reference;
  }

  /// The image of a name, or of a digest of either kind, or of its first 8 digits or more.
  ///
  /// @throws AtollException IMAGE_NOT_FOUND; CONFLICT if a short digest means several
  public Reference get(String text) {
    return find(text)
        .orElseThrow(
            () ->
                new AtollException(
                    ErrorCode.IMAGE_NOT_FOUND,
                    "there is no image "
                        + text.substring(0, Math.min(200, text.length()))
                        + " here",
                    "see what there is: atoll image list; fetch it: atoll image pull NAME"));
  }

  /// Empty if there is none.
  public Optional<Reference> find(String text) {
    Optional<Reference> named = references.find(text);
    if (named.isEmpty()) {
      named = fullName(text).flatMap(references::find);
    }
    if (named.isPresent()) {
      references.touch(named.get());
      return named;
    }
    String digits = text.replaceFirst("^(sha256|sha3-256):", "");
    if (digits.length() < SHORTEST_DIGEST || !digits.matches("[0-9a-f]+")) {
      return Optional.empty();
    }
    List<Reference> fitting =
        references.all().stream()
            .filter(
                image ->
                    (!text.startsWith("sha3-") && image.digest().hex().startsWith(digits))
                        || (!text.startsWith("sha256:") && image.sha3().hex().startsWith(digits)))
            .toList();
    TreeSet<Digest> digests = new TreeSet<>();
    fitting.forEach(image -> digests.add(image.digest()));
    if (digests.size() > 1) {
      throw new AtollException(
          ErrorCode.CONFLICT,
          "several images begin with " + text,
          "write more digits: " + String.join(", ", digests.stream().map(Digest::hex).toList()));
    }
    fitting.forEach(references::touch);
    return fitting.stream().findFirst();
  }

  /// The image at a registry that users mean; the settings say which is meant where they do not.
  ///
  /// @throws AtollException BAD_REQUEST
  public ImageName atRegistry(String text) {
    return ImageName.parse(text, settings.registry().usual());
  }

  private Optional<String> fullName(String text) {
    try {
      return Optional.of(atRegistry(text).toString());
    } catch (AtollException _) {
      return Optional.empty();
    }
  }

  /// How the image wants to be run; a root or a disk says nothing.
  public ImageConfig config(Reference image) {
    return switch (image.kind()) {
      case CONTAINER -> container(image).config(store);
      case DISK, ROOTFS, PROGRAM, ARCHIVE -> ImageConfig.plain(settings.platform());
    };
  }

  /// A squashfs of the image's root, read-only, made if it is not there. Take a lease first.
  ///
  /// @throws AtollException BAD_REQUEST if the image has no root, or a layer was refused;
  ///     DRIVER_UNAVAILABLE without `mksquashfs`
  public Path root(Reference image, ImageProgress progress) throws InterruptedException {
    references.touch(image);
    return switch (image.kind()) {
      case ROOTFS -> store.path(image.digest());
      case CONTAINER -> {
        ContainerImage container = container(image);
        yield roots.make(
            image.digest(),
            image.name(),
            container.layers(store, settings),
            container.manifest().size(),
            progress);
      }
      case DISK, PROGRAM, ARCHIVE ->
          throw new AtollException(
              ErrorCode.BAD_REQUEST,
              image.name() + " is no root folder, but a " + image.kind(),
              "name a container image or a squashfs");
    };
  }

  /// The files of a program or an archive, and which of them to run. Take a lease first.
  ///
  /// @throws AtollException BAD_REQUEST if it is another kind of image, or no program is in it;
  ///     START_FAILED if it is for another system or processor
  public ProgramTree program(Reference image) throws InterruptedException {
    references.touch(image);
    return switch (image.kind()) {
      case PROGRAM, ARCHIVE -> programs.make(image);
      case CONTAINER, ROOTFS, DISK ->
          throw new AtollException(
              ErrorCode.BAD_REQUEST,
              image.name() + " is no program, but a " + plainKind(image.kind()),
              image.kind() == Kind.DISK
                  ? "import the program itself: atoll image import ./prog"
                  : "use driver docker or microvm, or import the program itself: atoll image import"
                      + " ./prog");
    };
  }

  private static String plainKind(Kind kind) {
    return switch (kind) {
      case CONTAINER -> "container image";
      case DISK -> "disk";
      case ROOTFS -> "root folder";
      case PROGRAM -> "program";
      case ARCHIVE -> "archive";
    };
  }

  /// Text of an image for messages.
  static String plain(String text) {
    String clean = text.replaceAll("\\p{Cntrl}", "?");
    return clean.length() > 120 ? clean.substring(0, 120) + "…" : clean;
  }

  /// The image that somebody has a lease on, also if its name was taken away or means another now.
  ///
  /// @param name for messages, where there is none
  public Optional<Reference> kept(String name, Digest digest) {
    Optional<Reference> named =
        references.all().stream().filter(image -> image.digest().equals(digest)).findFirst();
    if (named.isPresent()) {
      return named;
    }
    return store
        .facts(digest)
        .map(
            facts -> {
              Kind kind = Kind.ROOTFS;
              try {
                ContainerImage.read(store, name, digest);
                kind = Kind.CONTAINER;
              } catch (AtollException _) {
                // One file, then.
              }
              return new Reference(
                  name,
                  digest,
                  facts.sha3(),
                  null,
                  kind,
                  null,
                  null,
                  facts.size(),
                  name,
                  Instant.EPOCH);
            });
  }

  /// The one file that a disk, a root, a program or an archive is. Take a lease first.
  public Path file(Reference image) {
    if (image.kind() == Kind.CONTAINER) {
      throw new AtollException(
          ErrorCode.BAD_REQUEST,
          image.name() + " is a container image, not one file",
          "make one of it: atoll image convert " + image.name());
    }
    references.touch(image);
    return store.path(image.digest());
  }

  /// Writes a container image's root into a new folder.
  public void unpack(Reference image, Path folder) throws InterruptedException {
    try (StoreHold _ = store.hold()) {
      container(image).layers(store, settings).toFolder(folder);
    } catch (java.io.IOException e) {
      throw io.atoll.runtime.image.content.DurableFiles.failure(
          "unpack " + image.name(), folder, e);
    }
  }

  ContainerImage container(Reference image) {
    return ContainerImage.read(store, image.name(), image.digest());
  }

  References references() {
    return references;
  }

  ProgramTrees programs() {
    return programs;
  }

  Squashfs roots() {
    return roots;
  }
}
