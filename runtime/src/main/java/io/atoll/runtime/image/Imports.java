package io.atoll.runtime.image;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.json.Json;
import io.atoll.runtime.image.content.BlobFacts;
import io.atoll.runtime.image.content.ContentStore;
import io.atoll.runtime.image.content.Digest;
import io.atoll.runtime.image.content.Draft;
import io.atoll.runtime.image.content.DurableFiles;
import io.atoll.runtime.image.content.Reference;
import io.atoll.runtime.image.content.Reference.Kind;
import io.atoll.runtime.image.content.StoreHold;
import io.atoll.runtime.image.layer.LayerStack;
import io.atoll.runtime.image.manifest.MediaTypes;
import io.atoll.runtime.image.manifest.Platform;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Makes images of files of this machine. What a file is, its bytes say, not its name:
///
/// | file | image |
/// |---|---|
/// | folder with `oci-layout` | container image |
/// | tar of an OCI layout, or as `docker save` writes it | container image |
/// | another tar with `bin`, `usr`, `etc`, … at its top | container image of one layer |
/// | another tar, with a program in it (see `ProgramEntry`) | archive |
/// | squashfs | root |
/// | qcow2 | disk |
/// | ELF, PE, Mach-O or a script | program |
public final class Imports {
  private final Images images;
  private final ContentStore store;

  public Imports(Images images) {
    this.images = images;
    this.store = images.store();
  }

  /// @param file or folder
  /// @param name that the image gets
  /// @param given platform of a plain root folder; null for this machine's
  /// @throws AtollException BAD_REQUEST if it is no image, or none for this machine
  public Reference take(Path file, String name, @Nullable Platform given, ImageProgress progress)
      throws InterruptedException {
    if (name.isEmpty() || name.length() > 512 || name.matches("(?s).*[\\p{Cntrl}\\s].*")) {
      throw new AtollException(
          ErrorCode.BAD_REQUEST,
          "not the name of an image: '" + name + "'",
          "write letters and digits");
    }
    try (StoreHold _ = store.hold()) {
      if (Files.isDirectory(file)) {
        return new LayoutImport(images, name, file.toString()).folder(file);
      }
      if (!Files.isRegularFile(file)) {
        throw new AtollException(ErrorCode.NOT_FOUND, "there is no file " + file, "check the path");
      }
      return file(file, name, given, progress);
    } catch (IOException e) {
      throw DurableFiles.failure("import " + file, store.folder(), e);
    }
  }

  private Reference file(Path file, String name, @Nullable Platform given, ImageProgress progress)
      throws IOException, InterruptedException {
    byte[] head;
    try (InputStream in = Files.newInputStream(file)) {
      head = in.readNBytes(ProgramFile.ENOUGH);
    }
    String source = file.toAbsolutePath().normalize().toString();
    if (QcowHeader.is(head)) {
      QcowHeader.parse(file.toString(), head);
      return images.named(name, stored(file, progress), Kind.DISK, null, source);
    }
    if (head.length > 96 && head[0] == 'h' && head[1] == 's' && head[2] == 'q' && head[3] == 's') {
      return images.named(name, stored(file, progress), Kind.ROOTFS, given, source);
    }
    var program = ProgramFile.detect(head);
    if (program.isPresent()) {
      return images.named(
          name, stored(file, progress), Kind.PROGRAM, program.get().platform(), source);
    }
    return tar(file, name, given, source, progress);
  }

  private Reference tar(
      Path file, String name, @Nullable Platform given, String source, ImageProgress progress)
      throws IOException, InterruptedException {
    TarContents contents = TarContents.of(file, images.settings().bounds());
    return switch (contents.shape()) {
      case OCI_LAYOUT -> new LayoutImport(images, name, source).layoutTar(file);
      case DOCKER_SAVE -> new LayoutImport(images, name, source).dockerTar(file);
      case ARCHIVE -> {
        BlobFacts facts = stored(file, progress);
        ProgramEntry entry = images.programs().entry(name, facts.digest(), Kind.ARCHIVE);
        yield images.named(name, facts, Kind.ARCHIVE, entry.file().platform(), source);
      }
      case ROOT -> root(file, name, given, source, progress);
    };
  }

  /// The tar as it is becomes the one layer of an image that says nothing of how to run it.
  private Reference root(
      Path file, String name, @Nullable Platform given, String source, ImageProgress progress)
      throws IOException, InterruptedException {
    BlobFacts layer = stored(file, progress);
    MessageDigest unpacked = Digest.Algorithm.SHA256.hash();
    try (InputStream in =
        LayerStack.unpacked(store.open(layer.digest()), images.settings().bounds())) {
      byte[] buffer = new byte[128 << 10];
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        unpacked.update(buffer, 0, read);
      }
    }
    Platform platform = given == null ? images.settings().platform() : given;
    images.refuseOtherPlatform(name, platform);
    byte[] config =
        Json.bytes(
            Map.of(
                "os", platform.os(),
                "architecture", platform.architecture(),
                "config", Map.of(),
                "rootfs",
                    Map.of(
                        "type",
                        "layers",
                        "diff_ids",
                        List.of("sha256:" + HexFormat.of().formatHex(unpacked.digest())))));
    return LayoutImport.assembled(
        images, name, source, store.put(config), List.of(layer), MediaTypes.OCI_LAYER);
  }

  private BlobFacts stored(Path file, ImageProgress progress)
      throws IOException, InterruptedException {
    long size = Files.size(file);
    try (InputStream in = Files.newInputStream(file);
        Draft draft = store.draft(size)) {
      byte[] buffer = new byte[128 << 10];
      long told = 0;
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        draft.write(buffer, 0, read);
        if (draft.position() - told > 1 << 20) {
          told = draft.position();
          progress.at("import", told, size);
          if (Thread.interrupted()) {
            throw new InterruptedException();
          }
        }
      }
      return draft.commit();
    }
  }
}
