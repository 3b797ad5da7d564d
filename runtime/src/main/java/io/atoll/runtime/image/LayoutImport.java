package io.atoll.runtime.image;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.json.Json;
import io.atoll.core.tar.TarEntry;
import io.atoll.core.tar.TarReader;
import io.atoll.runtime.image.content.BlobFacts;
import io.atoll.runtime.image.content.ContentStore;
import io.atoll.runtime.image.content.Digest;
import io.atoll.runtime.image.content.Draft;
import io.atoll.runtime.image.content.Reference;
import io.atoll.runtime.image.layer.LayerException;
import io.atoll.runtime.image.manifest.Descriptor;
import io.atoll.runtime.image.manifest.ImageConfig;
import io.atoll.runtime.image.manifest.ImageDocument;
import io.atoll.runtime.image.manifest.MediaTypes;
import io.atoll.runtime.image.manifest.Platform;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Container images out of files: an OCI image layout, as folder or tar, and what `docker save`
/// writes.
final class LayoutImport {
  private static final int DEEPEST_INDEX = 4;

  private final Images images;
  private final ContentStore store;
  private final String name;
  private final String source;

  LayoutImport(Images images, String name, String source) {
    this.images = images;
    this.store = images.store();
    this.name = name;
    this.source = source;
  }

  /// Only what the chosen image needs is taken.
  Reference folder(Path folder) throws IOException, InterruptedException {
    Path index = folder.resolve("index.json");
    if (!Files.isRegularFile(index, LinkOption.NOFOLLOW_LINKS)
        || Files.size(index) > ImageDocument.MOST_BYTES) {
      throw bad("the folder holds no OCI layout: there is no index.json", null);
    }
    return choose(
        Files.readAllBytes(index),
        0,
        descriptor -> {
          Path file = folder.resolve("blobs/sha256").resolve(descriptor.digest().hex());
          if (!Files.isRegularFile(file)) {
            throw bad("the layout lacks " + descriptor.digest(), null);
          }
          Optional<Draft> draft = store.draft(descriptor.digest(), descriptor.size());
          if (draft.isPresent()) {
            try (Draft mine = draft.get();
                InputStream in = Files.newInputStream(file)) {
              mine.restart();
              byte[] buffer = new byte[128 << 10];
              for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                mine.write(buffer, 0, read);
              }
              mine.commit();
            }
          }
        });
  }

  /// All blobs are taken; those that the chosen image does not need go with the next collection.
  Reference layoutTar(Path file) throws IOException, InterruptedException {
    byte[][] index = new byte[1][];
    TarContents.each(
        file,
        images.settings().bounds(),
        (member, entry, bytes) -> {
          if (member.equals("index.json")) {
            index[0] = small(entry, bytes);
          } else if (member.startsWith("blobs/sha256/") && entry.type() == TarEntry.Type.FILE) {
            Digest digest =
                Digest.find("sha256:" + member.substring("blobs/sha256/".length()))
                    .orElseThrow(() -> bad("it has a blob with the name " + entry.shown(), null));
            Optional<Draft> draft = store.draft(digest, entry.size());
            if (draft.isPresent()) {
              try (Draft mine = draft.get()) {
                mine.restart();
                copy(bytes, mine);
                mine.commit();
              }
            }
          }
        });
    byte[] found = index[0];
    if (found == null) {
      throw bad("it has no index.json", null);
    }
    return choose(
        found,
        0,
        descriptor -> {
          if (!store.has(descriptor.digest())) {
            throw bad("it lacks " + descriptor.digest(), null);
          }
        });
  }

  /// Brings a blob into the store.
  @FunctionalInterface
  private interface Source {
    void bring(Descriptor descriptor) throws IOException, InterruptedException;
  }

  private Reference choose(byte[] bytes, int depth, Source blobs)
      throws IOException, InterruptedException {
    ImageDocument document = ImageDocument.parse("the layout of " + name, "", bytes);
    switch (document) {
      case ImageDocument.Index index -> {
        if (depth > DEEPEST_INDEX) {
          throw bad("its indexes name each other", null);
        }
        // An index with one entry may leave out for what it is.
        Descriptor chosen =
            index.manifests().size() == 1
                ? index.manifests().getFirst()
                : index.choose(images.settings().platform(), name);
        blobs.bring(chosen);
        Reference inner =
            choose(store.bytes(chosen.digest(), ImageDocument.MOST_BYTES), depth + 1, blobs);
        return inner;
      }
      case ImageDocument.Manifest manifest -> {
        blobs.bring(manifest.config());
        for (Descriptor layer : manifest.layers()) {
          blobs.bring(layer);
        }
        BlobFacts facts = store.put(bytes);
        Platform platform =
            new ContainerImage(name, facts.digest(), manifest).config(store).platform();
        images.refuseOtherPlatform(name, platform);
        return images.named(name, facts, null, platform, manifest, source);
      }
    }
  }

  /// `manifest.json` names the configuration and the layers, which are tars with names of their
  /// own.
  Reference dockerTar(Path file) throws IOException, InterruptedException {
    Map<String, BlobFacts> blobs = new HashMap<>();
    Map<String, String> links = new HashMap<>();
    byte[][] manifest = new byte[1][];
    TarContents.each(
        file,
        images.settings().bounds(),
        (member, entry, bytes) -> {
          if (member.equals("manifest.json")) {
            manifest[0] = small(entry, bytes);
          } else if (entry.type() == TarEntry.Type.FILE
              && (member.endsWith(".tar")
                  || member.endsWith(".json")
                  || member.startsWith("blobs/"))) {
            try (Draft draft = store.draft(entry.size())) {
              copy(bytes, draft);
              blobs.put(member, draft.commit());
            }
          } else if (entry.type() == TarEntry.Type.SYMLINK && member.endsWith("/layer.tar")) {
            // The same layer twice: `../OTHER/layer.tar`.
            links.put(member, entry.link().replaceFirst("^\\.\\./", ""));
          }
        });
    byte[] found = manifest[0];
    JsonNode first = found == null ? Json.mapper().nullNode() : parsed(found).path(0);
    if (!first.path("Config").isTextual() || !first.path("Layers").isArray()) {
      throw bad("its manifest.json names no image", null);
    }
    BlobFacts config = blob(blobs, links, first.path("Config").asText());
    List<BlobFacts> layers = new ArrayList<>();
    for (JsonNode layer : first.path("Layers")) {
      layers.add(blob(blobs, links, layer.asText()));
    }
    ImageConfig said =
        ImageConfig.parse(name, store.bytes(config.digest(), ImageDocument.MOST_BYTES));
    if (said.diffIds().size() != layers.size()) {
      throw bad("its configuration is of another number of layers", null);
    }
    for (int i = 0; i < layers.size(); i++) {
      if (!layers.get(i).digest().equals(said.diffIds().get(i))) {
        throw bad("its layer " + (i + 1) + " is not the one that its configuration names", null);
      }
    }
    return assembled(images, name, source, config, layers, MediaTypes.OCI_LAYER);
  }

  private JsonNode parsed(byte[] bytes) {
    try {
      return Json.mapper().readTree(bytes);
    } catch (IOException e) {
      throw bad("its manifest.json is no JSON", e);
    }
  }

  private BlobFacts blob(Map<String, BlobFacts> blobs, Map<String, String> links, String member) {
    BlobFacts facts = blobs.get(links.getOrDefault(member, member));
    if (facts == null) {
      throw bad("it lacks " + member.replaceAll("\\p{Cntrl}", "?"), null);
    }
    return facts;
  }

  /// Writes the manifest that such an image would have.
  static Reference assembled(
      Images images,
      String name,
      String source,
      BlobFacts config,
      List<BlobFacts> layers,
      String layerType)
      throws InterruptedException {
    List<Map<String, Object>> all = new ArrayList<>();
    for (BlobFacts layer : layers) {
      all.add(descriptor(layerType, layer));
    }
    byte[] manifest =
        Json.bytes(
            Map.of(
                "schemaVersion",
                2,
                "mediaType",
                MediaTypes.OCI_MANIFEST,
                "config",
                descriptor(MediaTypes.OCI_CONFIG, config),
                "layers",
                all));
    BlobFacts facts = images.store().put(manifest);
    ContainerImage image = ContainerImage.read(images.store(), name, facts.digest());
    Platform platform = image.config(images.store()).platform();
    images.refuseOtherPlatform(name, platform);
    return images.named(name, facts, null, platform, image.manifest(), source);
  }

  private static Map<String, Object> descriptor(String type, BlobFacts blob) {
    return Map.of("mediaType", type, "digest", blob.digest().toString(), "size", blob.size());
  }

  private byte[] small(TarEntry entry, TarReader bytes) throws IOException {
    if (entry.size() > ImageDocument.MOST_BYTES) {
      throw bad(entry.shown() + " is too large", null);
    }
    byte[] all = new byte[(int) entry.size()];
    int at = 0;
    while (at < all.length) {
      int read = bytes.read(all, at, all.length - at);
      if (read < 0) {
        throw new LayerException("it ends in the middle of a file");
      }
      at += read;
    }
    return all;
  }

  private static void copy(TarReader from, Draft to) throws IOException {
    byte[] buffer = new byte[128 << 10];
    for (int read = from.read(buffer, 0, buffer.length);
        read >= 0;
        read = from.read(buffer, 0, buffer.length)) {
      to.write(buffer, 0, read);
    }
  }

  private AtollException bad(String why, @Nullable Throwable cause) {
    return new AtollException(
        ErrorCode.BAD_REQUEST,
        "cannot import " + source + ": " + why,
        "make it again, with `docker save` or `skopeo copy`",
        cause);
  }
}
