package io.atoll.runtime.image.layer;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.tar.TarEntry;
import io.atoll.core.tar.TarException;
import io.atoll.core.tar.TarReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The layers of one image, lowest first, as one root folder. One thread; read twice.
public final class LayerStack {
  private static final String ATTRIBUTE_OF_CAPABILITIES = "security.capability";

  private final String what;
  private final List<Supplier<InputStream>> layers;
  private final Bounds bounds;
  private final DevicePolicy devices;
  private @Nullable FileTree read;

  /// @param what the image, for messages
  /// @param layers each opens the packed bytes, which check themselves
  public LayerStack(
      String what, List<Supplier<InputStream>> layers, Bounds bounds, DevicePolicy devices) {
    this.what = what;
    this.layers = List.copyOf(layers);
    this.bounds = bounds;
    this.devices = devices;
  }

  /// What came out.
  ///
  /// @param files how many names there are
  /// @param bytes of all files
  /// @param devicesLeftOut by the policy
  public record Outcome(int files, long bytes, int devicesLeftOut) {}

  /// As one tar.
  public Outcome toTar(OutputStream out) throws IOException {
    return write(new TarRoot(out));
  }

  /// Into a folder that is empty or not there yet.
  public Outcome toFolder(Path folder) throws IOException {
    return write(new FolderRoot(folder));
  }

  /// Unpacks a stream under bounds, whatever it is packed with.
  public static InputStream unpacked(InputStream packed, Bounds bounds) throws IOException {
    return Unpacking.of(packed, new Allowance(bounds));
  }

  /// One name of a file whose bytes are in a layer.
  private record Place(int layer, int number) {}

  private Outcome write(RootWriter writer) throws IOException {
    FileTree tree = tree();
    Map<Place, String> wanted = new HashMap<>();
    long[] bytes = new long[1];
    int[] names = new int[1];
    tree.each(
        node -> {
          names[0]++;
          FileTree.Content content = node.content;
          if (content.entry().type() == TarEntry.Type.FILE
              && wanted.putIfAbsent(new Place(content.layer(), content.number()), node.path())
                  == null) {
            bytes[0] += content.entry().size();
          }
        });
    eachOf(
        tree,
        (path, content) -> {
          if (content.isFolder()) {
            writer.folder(member(content, path));
          }
        });
    files(writer, wanted);
    eachOf(
        tree,
        (path, content) -> {
          if (content.entry().type() == TarEntry.Type.FILE) {
            String first = wanted.get(new Place(content.layer(), content.number()));
            if (first != null && !first.equals(path)) {
              writer.hardLink(content.entry().named(path, TarEntry.Type.HARD_LINK, first));
            }
          }
        });
    eachOf(
        tree,
        (path, content) -> {
          if (!content.isFolder() && content.entry().type() != TarEntry.Type.FILE) {
            writer.other(member(content, path));
          }
        });
    writer.end();
    return new Outcome(names[0], bytes[0], tree.leftOut());
  }

  /// When the youngest file was changed, in seconds since 1970; what lies in the future is of now.
  public long newest() throws IOException {
    long[] newest = new long[1];
    tree().each(node -> newest[0] = Math.max(newest[0], node.content.entry().mtime()));
    return Math.min(newest[0], Instant.now().getEpochSecond());
  }

  private FileTree tree() throws IOException {
    FileTree known = read;
    if (known != null) {
      return known;
    }
    FileTree tree = new FileTree(devices, bounds.entries());
    Allowance allowance = new Allowance(bounds);
    for (int layer = 0; layer < layers.size(); layer++) {
      int current = layer;
      read(
          layer,
          allowance,
          (entry, number, tar) -> {
            allowance.entry(entry);
            tree.add(entry, current, number);
          });
    }
    read = tree;
    return tree;
  }

  private void files(RootWriter writer, Map<Place, String> wanted) throws IOException {
    Allowance allowance = new Allowance(bounds);
    for (int layer = 0; layer < layers.size(); layer++) {
      int current = layer;
      read(
          layer,
          allowance,
          (entry, number, tar) -> {
            String path = wanted.get(new Place(current, number));
            if (path != null) {
              writer.file(kept(entry).named(path, TarEntry.Type.FILE, ""), tar);
            }
          });
    }
  }

  @FunctionalInterface
  private interface Member {
    void take(TarEntry entry, int number, TarReader tar) throws IOException;
  }

  /// A disk that fails, or who takes the bytes, is an `IOException`; the image's own fault is not.
  private void read(int layer, Allowance allowance, Member member) throws IOException {
    try (InputStream packed = layers.get(layer).get()) {
      TarReader tar = new TarReader(Unpacking.of(packed, allowance));
      int number = 0;
      for (TarEntry entry = tar.next(); entry != null; entry = tar.next()) {
        member.take(entry, number++, tar);
      }
      // A compressor's stream may end before the layer does; the digest is of all bytes.
      packed.transferTo(OutputStream.nullOutputStream());
    } catch (TarException e) {
      throw new AtollException(
          ErrorCode.BAD_REQUEST,
          "layer "
              + (layer + 1)
              + " of "
              + layers.size()
              + " of "
              + what
              + " was refused: "
              + e.getMessage(),
          "the image was made wrongly, or to do harm; ask whoever published it",
          e);
    }
  }

  @FunctionalInterface
  private interface Visitor {
    void visit(String path, FileTree.Content content) throws IOException;
  }

  private static void eachOf(FileTree tree, Visitor visitor) throws IOException {
    IOException[] failed = new IOException[1];
    tree.each(
        node -> {
          if (failed[0] == null) {
            try {
              visitor.visit(node.path(), node.content);
            } catch (IOException e) {
              failed[0] = e;
            }
          }
        });
    if (failed[0] != null) {
      throw failed[0];
    }
  }

  private static TarEntry member(FileTree.Content content, String path) {
    TarEntry entry = kept(content.entry());
    return entry.named(path, entry.type(), entry.link());
  }

  /// Without the attributes that mean something to the host: overlay's, labels of other systems.
  private static TarEntry kept(TarEntry entry) {
    if (entry.attributes().isEmpty()) {
      return entry;
    }
    Map<String, byte[]> kept = new HashMap<>();
    entry
        .attributes()
        .forEach(
            (key, value) -> {
              if (key.equals(ATTRIBUTE_OF_CAPABILITIES) || key.startsWith("user.")) {
                kept.put(key, value);
              }
            });
    return new TarEntry(
        entry.name(),
        entry.type(),
        entry.size(),
        entry.mode(),
        entry.uid(),
        entry.gid(),
        entry.mtime(),
        entry.link(),
        kept,
        entry.device());
  }
}
