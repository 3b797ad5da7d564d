package io.atoll.runtime.signature;

import io.atoll.runtime.image.content.ContentStore;
import io.atoll.runtime.image.content.Digest;
import io.atoll.runtime.image.manifest.Descriptor;
import io.atoll.runtime.image.manifest.ImageDocument;
import io.atoll.runtime.image.registry.ImageName;
import io.atoll.runtime.image.registry.Registry;
import io.atoll.runtime.image.registry.TransferProgress;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/// Finds what cosign signed at a registry. What is found is not verified: whoever may push there
/// may put anything there.
public final class CosignTags {
  private static final String PAYLOAD = "application/vnd.dev.cosign.simplesigning.v1+json";
  private static final String SIGNATURE = "dev.cosignproject.cosign/signature";
  private static final int MOST = 32;

  private final Registry registry;
  private final ContentStore store;

  public CosignTags(Registry registry, ContentStore store) {
    this.registry = registry;
    this.store = store;
  }

  /// @param image whose repository is asked
  /// @param digest of the manifest or index
  public List<ImageSignature> find(ImageName image, Digest digest) throws InterruptedException {
    ImageName tag = image.withTag("sha256-" + digest.hex() + ".sig");
    Optional<Registry.Fetched> fetched = registry.find(tag);
    List<ImageSignature> found = new ArrayList<>();
    if (fetched.isEmpty()
        || !(ImageDocument.parse(
                "the signatures of " + image, fetched.get().mediaType(), fetched.get().bytes())
            instanceof ImageDocument.Manifest manifest)) {
      return found;
    }
    for (Descriptor layer : manifest.layers().stream().limit(MOST).toList()) {
      String signature = layer.annotations().getOrDefault(SIGNATURE, "");
      if (layer.mediaType().equals(PAYLOAD) && layer.size() <= ImageSignature.MOST_BYTES) {
        registry.fetch(tag, layer, store, TransferProgress.SILENT);
        try {
          found.add(
              ImageSignature.Cosigned.of(
                  store.bytes(layer.digest(), ImageSignature.MOST_BYTES),
                  Base64.getDecoder().decode(signature)));
        } catch (IOException | IllegalArgumentException _) {
          // No signature that could be verified.
        }
      }
    }
    return found;
  }
}
