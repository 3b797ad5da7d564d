package io.atoll.runtime.image;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.runtime.image.content.ContentStore;
import io.atoll.runtime.image.content.Digest;
import io.atoll.runtime.image.content.DurableFiles;
import io.atoll.runtime.image.layer.LayerStack;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Read-only roots of container images, made once for each digest by `mksquashfs` (squashfs-tools
/// 4.5 or newer): the same image gives the same bytes. A root is there whole or not at all.
final class Squashfs {
  /// Part of the name, so that another way to make them does not meet roots of this one.
  private static final String FORM = "1";

  /// Nothing of this user, so that the bytes are always the same.
  private static final List<String> OPTIONS =
      List.of(
          ("-tar -root-mode 0755 -root-uid 0 -root-gid 0"
                  + " -comp zstd -Xcompression-level 3 -mem 256M -noappend -no-progress -quiet")
              .split(" "));

  private final ContentStore store;
  private final Path folder;

  Squashfs(ContentStore store) {
    this.store = store;
    this.folder = store.folder().resolve("rootfs");
    try {
      DurableFiles.folder(folder);
    } catch (IOException e) {
      throw DurableFiles.failure("make the folder of roots", folder, e);
    }
  }

  Path folder() {
    return folder;
  }

  Path file(Digest image) {
    return folder.resolve(image.hex() + "-" + FORM + ".squashfs");
  }

  /// Makes the root if it is not there. Two who need the same may both make it; one wins, and the
  /// bytes are the same.
  Path make(Digest image, String what, LayerStack layers, long packed, ImageProgress progress)
      throws InterruptedException {
    Path file = file(image);
    if (Files.exists(file)) {
      return file;
    }
    Path fresh = folder.resolve(".new-" + UUID.randomUUID());
    try (var _ = store.hold()) {
      run(fresh, layers, packed, progress);
      try (FileChannel written = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
        written.force(true);
      }
      DurableFiles.rename(fresh, file);
      return file;
    } catch (IOException e) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      throw DurableFiles.failure("make the root of " + what, folder, e);
    } finally {
      try {
        Files.deleteIfExists(fresh);
      } catch (IOException _) {
        // The collection takes it.
      }
    }
  }

  private void run(Path fresh, LayerStack layers, long packed, ImageProgress progress)
      throws IOException, InterruptedException {
    Path said = Files.createTempFile(folder, ".said-", "");
    Process made = null;
    try {
      made = start(fresh, said, Math.max(1, layers.newest()));
      IOException broken = null;
      try (OutputStream tar = new Reporting(made.getOutputStream(), packed, progress)) {
        layers.toTar(tar);
      } catch (IOException e) {
        // When it ends before its input does it has said why.
        broken = e;
      }
      if (!made.waitFor(10, TimeUnit.MINUTES)) {
        throw new IOException("mksquashfs does not end");
      }
      if (made.exitValue() != 0 || broken != null) {
        throw failed(said, made.exitValue(), broken);
      }
    } finally {
      if (made != null) {
        made.destroyForcibly();
      }
      Files.deleteIfExists(said);
    }
  }

  private static Process start(Path fresh, Path said, long newest) {
    try {
      ProcessBuilder builder =
          new ProcessBuilder(new ArrayList<>(List.of("mksquashfs", "-", fresh.toString())));
      builder.command().addAll(OPTIONS);
      // Nor of this moment: what is younger, such as the root itself, is as old as the youngest
      // file.
      builder.environment().put("SOURCE_DATE_EPOCH", Long.toString(newest));
      return builder.redirectErrorStream(true).redirectOutput(said.toFile()).start();
    } catch (IOException e) {
      throw new AtollException(
          ErrorCode.DRIVER_UNAVAILABLE,
          "cannot make a root from an image: there is no mksquashfs here",
          "install it: apt install squashfs-tools",
          e);
    }
  }

  private static IOException failed(Path said, int status, @Nullable IOException broken)
      throws IOException {
    String text = new String(Files.readAllBytes(said), StandardCharsets.UTF_8).strip();
    String last = text.substring(Math.max(0, text.length() - 300)).replaceAll("\\p{Cntrl}", " ");
    return new IOException(
        "mksquashfs ended with " + status + (last.isEmpty() ? "" : ": " + last), broken);
  }

  /// Counts what goes by.
  private static final class Reporting extends FilterOutputStream {
    private final long total;
    private final ImageProgress progress;
    private long done;
    private long told;

    Reporting(OutputStream out, long total, ImageProgress progress) {
      super(out);
      this.total = total;
      this.progress = progress;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
      done += length;
      if (done - told > 1 << 20) {
        told = done;
        // What is packed is known, what it unpacks to is not.
        progress.at("convert", done, done > total ? 0 : total);
      }
    }
  }
}
