package io.atoll.runtime.image.manifest;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// What a registry has under a tag: one image, or a choice of images for several platforms.
public sealed interface ImageDocument {
  /// No document of an image is larger.
  int MOST_BYTES = 4 << 20;

  /// One image.
  ///
  /// @param layers lowest first
  record Manifest(Descriptor config, List<Descriptor> layers) implements ImageDocument {
    private static final int MOST_LAYERS = 256;

    public Manifest {
      layers = List.copyOf(layers);
    }

    /// Bytes of all that it names.
    public long size() {
      long size = config.size();
      for (Descriptor layer : layers) {
        size = Math.addExact(size, layer.size());
      }
      return size;
    }

    private static Manifest of(Fields fields) {
      List<Fields> listed = fields.objects("layers");
      if (listed.size() > MOST_LAYERS) {
        throw fields.bad("it has more than " + MOST_LAYERS + " layers");
      }
      List<Descriptor> layers = new ArrayList<>();
      for (Fields one : listed) {
        layers.add(Descriptor.of(one));
      }
      Manifest manifest = new Manifest(Descriptor.of(fields.object("config")), layers);
      try {
        manifest.size();
      } catch (ArithmeticException e) {
        throw Fields.bad(fields.what(), "its sizes add up to more than there are", e);
      }
      return manifest;
    }
  }

  /// Images for several platforms.
  record Index(List<Descriptor> manifests) implements ImageDocument {
    public Index {
      manifests = List.copyOf(manifests);
    }

    /// The entry for a platform: the first that fits, as the specification wants it.
    ///
    /// @param what the image, for the message
    /// @throws AtollException IMAGE_NOT_FOUND with the platforms there are
    public Descriptor choose(Platform wanted, String what) {
      for (Descriptor one : manifests) {
        Platform offered = one.platform();
        if (offered == null ? manifests.size() == 1 : wanted.runs(offered)) {
          return one;
        }
      }
      String offers =
          manifests.stream()
              .map(Descriptor::platform)
              .filter(platform -> platform != null && !platform.os().equals("unknown"))
              .map(String::valueOf)
              .distinct()
              .limit(20)
              .collect(Collectors.joining(", "));
      throw new AtollException(
          ErrorCode.IMAGE_NOT_FOUND,
          what + " has no image for " + wanted + "; it has " + (offers.isEmpty() ? "none" : offers),
          "build it for this platform too, or run it where its platform is");
    }
  }

  /// @param what the document, for messages
  /// @param mediaType as the registry or a descriptor says; empty if nobody did
  static ImageDocument parse(String what, String mediaType, byte[] bytes) {
    if (bytes.length > MOST_BYTES) {
      throw Fields.bad(what, "it has more than " + MOST_BYTES + " bytes", null);
    }
    Fields fields = Fields.parse(what, bytes);
    String inside = fields.text("mediaType");
    if (!inside.isEmpty() && !mediaType.isEmpty() && !inside.equals(mediaType)) {
      // One document that two readers read as two things (CVE-2021-41190).
      throw fields.bad("it is said to be " + mediaType + " and says itself " + inside);
    }
    boolean index = !fields.absent("manifests");
    if (index && !fields.absent("layers")) {
      throw fields.bad("it is both an index and a manifest");
    }
    String type = inside.isEmpty() ? mediaType : inside;
    return switch (type) {
      case MediaTypes.OCI_MANIFEST, MediaTypes.DOCKER_MANIFEST -> {
        if (index) {
          throw fields.bad("it says it is a manifest and is an index");
        }
        yield Manifest.of(fields);
      }
      case MediaTypes.OCI_INDEX, MediaTypes.DOCKER_LIST -> {
        if (!index) {
          throw fields.bad("it says it is an index and is none");
        }
        yield index(fields);
      }
      case "" -> index ? index(fields) : Manifest.of(fields);
      default -> throw fields.bad("it is of the unknown type '" + type + "'");
    };
  }

  private static Index index(Fields fields) {
    List<Descriptor> manifests = new ArrayList<>();
    for (Fields one : fields.objects("manifests")) {
      manifests.add(Descriptor.of(one));
    }
    return new Index(manifests);
  }
}
