package io.atoll.runtime.image;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.runtime.image.content.ContentStore;
import io.atoll.runtime.image.content.Digest;
import io.atoll.runtime.image.layer.LayerStack;
import io.atoll.runtime.image.manifest.Descriptor;
import io.atoll.runtime.image.manifest.ImageConfig;
import io.atoll.runtime.image.manifest.ImageDocument;
import io.atoll.runtime.image.manifest.ImageDocument.Manifest;
import io.atoll.runtime.image.manifest.MediaTypes;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/// A container image whose manifest is in the store.
///
/// @param what its name, for messages
/// @param digest of the manifest
record ContainerImage(String what, Digest digest, Manifest manifest) {
  static ContainerImage read(ContentStore store, String what, Digest digest) {
    byte[] bytes = store.bytes(digest, ImageDocument.MOST_BYTES);
    if (ImageDocument.parse("the manifest of " + what, "", bytes) instanceof Manifest manifest) {
      return new ContainerImage(what, digest, manifest);
    }
    throw new AtollException(
        ErrorCode.BAD_REQUEST, what + " is an index, not an image", "fetch it again");
  }

  ImageConfig config(ContentStore store) {
    return ImageConfig.parse(what, store.bytes(manifest.config().digest(), 8 << 20));
  }

  /// Everything that it consists of, itself as well.
  Set<Digest> parts() {
    Set<Digest> parts = new HashSet<>();
    parts.add(digest);
    parts.add(manifest.config().digest());
    for (Descriptor layer : manifest.layers()) {
      parts.add(layer.digest());
    }
    return parts;
  }

  LayerStack layers(ContentStore store, ImageSettings settings) {
    List<Supplier<InputStream>> layers = new ArrayList<>();
    for (Descriptor layer : manifest.layers()) {
      if (!layer.mediaType().isEmpty() && !MediaTypes.layer(layer.mediaType())) {
        throw new AtollException(
            ErrorCode.BAD_REQUEST,
            what + " is no container image: it holds a " + layer.mediaType(),
            "name an image that was built to be run");
      }
      layers.add(() -> store.verified(layer.digest()));
    }
    return new LayerStack(what, layers, settings.bounds(), settings.devices());
  }
}
