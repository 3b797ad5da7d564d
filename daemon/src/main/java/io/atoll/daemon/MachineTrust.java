package io.atoll.daemon;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.runtime.docker.ContainerGate;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.image.Images;
import io.atoll.runtime.image.content.Digest;
import io.atoll.runtime.image.content.Reference;
import io.atoll.runtime.image.manifest.Descriptor;
import io.atoll.runtime.image.manifest.ImageDocument;
import io.atoll.runtime.image.registry.ImageName;
import io.atoll.runtime.image.registry.Registry;
import io.atoll.runtime.signature.CosignTags;
import io.atoll.runtime.signature.ImageSignature;
import io.atoll.runtime.signature.SignatureFolder;
import io.atoll.runtime.signature.Subject;
import io.atoll.runtime.signature.TrustFile;
import io.atoll.runtime.signature.TrustPolicy;
import io.atoll.runtime.signature.TrustRule;
import io.atoll.runtime.signature.Verdict;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Whether what a task brings may run on this machine: asked of every run before it is prepared, by
/// the policy as it is then. What cannot be found out is refused.
///
/// Where a rule asks for what is not here (a signature of cosign, the SHA3 of a manifest that only
/// the container engine has), the image's registry is asked, and every byte checked.
final class MachineTrust implements ContainerGate {
  private final TrustFile file;
  private final SignatureFolder signatures;
  private final Images images;
  private final Map<Path, Disk> disks = new ConcurrentHashMap<>();

  MachineTrust(TrustFile file, SignatureFolder signatures, Images images) {
    this.file = file;
    this.signatures = signatures;
    this.images = images;
  }

  /// @throws DriverException DENIED if programs of this machine itself may not run
  void admitWithoutImage() throws DriverException {
    switch (file.read().withoutImage()) {
      case Verdict.Allowed _ -> {}
      case Verdict.Refused(String reason) ->
          throw new DriverException(
              ErrorCode.DENIED,
              "the task was refused: " + reason,
              "bring the program as an image that this node trusts, or ask its owner:"
                  + " atoll image trust '*'");
    }
  }

  /// @throws DriverException DENIED with the reason
  void admit(Reference image) throws DriverException, InterruptedException {
    Subject subject = Subject.of(image);
    judge(subject, source(image), null);
  }

  @Override
  public void admit(String name, String id, List<String> manifests)
      throws DriverException, InterruptedException {
    if (!file.read().restricted()) {
      return;
    }
    List<Digest> known =
        new ArrayList<>(manifests.stream().map(Digest::find).flatMap(Optional::stream).toList());
    Optional<Digest> config = Digest.find(id);
    config.ifPresent(known::add);
    if (known.isEmpty()) {
      throw denied(name, "the container engine knows no digest of it", "");
    }
    Set<Digest> others = new LinkedHashSet<>(known);
    judge(new Subject(name, known.getFirst(), others), source(name), config.orElse(null));
  }

  /// @param disk of an image of virtual machines; its bytes are what is judged
  /// @throws DriverException DENIED with the reason
  void admitDisk(String name, Path disk) throws DriverException, InterruptedException {
    if (!file.read().restricted()) {
      return;
    }
    try {
      String state = Files.size(disk) + " " + Files.getLastModifiedTime(disk);
      Disk known = disks.get(disk);
      if (known == null || !known.state.equals(state)) {
        MessageDigest sha256 = Digest.Algorithm.SHA256.hash();
        MessageDigest sha3 = Digest.Algorithm.SHA3_256.hash();
        byte[] piece = new byte[1 << 16];
        try (InputStream in = Files.newInputStream(disk)) {
          for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
            sha256.update(piece, 0, count);
            sha3.update(piece, 0, count);
          }
        }
        known =
            new Disk(
                state,
                new Digest(Digest.Algorithm.SHA256, HexFormat.of().formatHex(sha256.digest())),
                new Digest(Digest.Algorithm.SHA3_256, HexFormat.of().formatHex(sha3.digest())));
        disks.put(disk, known);
      }
      judge(new Subject(name, known.sha256, Set.of(known.sha3)), null, null);
    } catch (IOException e) {
      throw denied(name, "its disk cannot be read: " + e.getMessage(), "");
    }
  }

  /// What a disk hashed to when it was so large and so old.
  private record Disk(String state, Digest sha256, Digest sha3) {}

  /// For a runtime that fetches images by itself. Where not every image may run, the name must say
  /// its digest, which leaves the runtime no choice.
  ///
  /// @param image null for a task that names a program of the machine itself
  /// @throws DriverException DENIED with the reason
  void admitByName(@Nullable String image) throws DriverException, InterruptedException {
    if (image == null) {
      admitWithoutImage();
      return;
    }
    int at = image.lastIndexOf('@');
    String digest = image.substring(at + 1);
    if (at > 0 && Digest.find(digest).isPresent()) {
      admit(image, "", List.of(digest));
    } else if (file.read().restricted()) {
      throw new DriverException(
          ErrorCode.DENIED,
          "the image " + image + " may not run on this node: its name does not say its digest",
          "name it with its digest, NAME@sha256:…, and have it trusted: atoll image trust DIGEST");
    }
  }

  private @Nullable ImageName source(Reference image) {
    return switch (image.kind()) {
      case CONTAINER, PROGRAM, ARCHIVE -> source(image.source());
      case DISK, ROOTFS -> null;
    };
  }

  /// Null if it is no image of a registry.
  private @Nullable ImageName source(String name) {
    try {
      return images.atRegistry(name);
    } catch (AtollException _) {
      return null;
    }
  }

  /// @param from the registry's name of it; null if it never was at one
  /// @param config of a container whose manifests may be known to its registry alone
  private void judge(Subject image, @Nullable ImageName from, @Nullable Digest config)
      throws DriverException, InterruptedException {
    TrustPolicy policy = file.read();
    try {
      if (!(policy.judge(image, signatures.of(image)) instanceof Verdict.Refused first)) {
        return;
      }
      if (policy.rules().isEmpty() || from == null) {
        throw denied(image.name(), first.reason(), image.digest().toString());
      }
      String trouble = "";
      Subject asked = image;
      try (Registry registry = new Registry(images.settings().registry())) {
        if (config != null) {
          asked = completed(registry, from, image, config);
        }
        if (policy.rules().stream().anyMatch(rule -> rule instanceof TrustRule.Cosign)) {
          fetchSignatures(registry, from, asked);
        }
      } catch (AtollException e) {
        trouble = "; its registry was asked in vain: " + e.text();
      }
      List<ImageSignature> all = signatures.of(asked);
      if (policy.judge(asked, all) instanceof Verdict.Refused(String reason)) {
        throw denied(image.name(), reason + trouble, asked.digest().toString());
      }
    } catch (AtollException e) {
      throw new DriverException(e.code(), e.text(), e.hint(), e);
    }
  }

  /// With the other hash of each manifest, and the image of this platform where the engine only
  /// knows the index. What has another configuration is another image, and counts for nothing.
  private Subject completed(Registry registry, ImageName from, Subject image, Digest config)
      throws InterruptedException {
    Set<Digest> all = new LinkedHashSet<>(image.others());
    for (Digest digest : image.others()) {
      // Some engines make containers from the manifest itself.
      boolean made = digest.equals(config);
      Optional<Registry.Fetched> found = registry.find(from.at(digest));
      if (found.isEmpty()) {
        continue;
      }
      switch (document(from, found.get())) {
        case ImageDocument.Manifest manifest -> {
          if (made || manifest.config().digest().equals(config)) {
            all.add(Digest.sha3(found.get().bytes()));
          }
        }
        case ImageDocument.Index index -> {
          Descriptor chosen = index.choose(images.settings().platform(), from.toString());
          Registry.Fetched one = registry.manifest(from.at(chosen.digest()));
          if (document(from, one) instanceof ImageDocument.Manifest manifest
              && (made || manifest.config().digest().equals(config))) {
            all.add(Digest.sha3(found.get().bytes()));
            all.add(one.digest());
            all.add(Digest.sha3(one.bytes()));
          }
        }
      }
    }
    return new Subject(image.name(), image.digest(), all);
  }

  private static ImageDocument document(ImageName from, Registry.Fetched fetched) {
    return ImageDocument.parse("a manifest of " + from, fetched.mediaType(), fetched.bytes());
  }

  private void fetchSignatures(Registry registry, ImageName from, Subject image)
      throws InterruptedException {
    CosignTags tags = new CosignTags(registry, images.store());
    Set<Digest> digests = new LinkedHashSet<>(image.others());
    digests.add(image.digest());
    for (Digest digest : digests) {
      if (digest.algorithm() == Digest.Algorithm.SHA256) {
        tags.find(from, digest).forEach(signatures::add);
      }
    }
  }

  private static DriverException denied(String name, String reason, String digest) {
    return new DriverException(
        ErrorCode.DENIED,
        "the image " + name + " may not run on this node: " + reason,
        "ask the node's owner to trust its hash or who signed it: atoll image trust "
            + (digest.isEmpty() ? "RULE" : digest));
  }
}
