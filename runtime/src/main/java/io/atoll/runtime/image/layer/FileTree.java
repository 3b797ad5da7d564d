package io.atoll.runtime.image.layer;

import io.atoll.core.tar.TarEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A root folder in memory, on which layers are laid one after the other (OCI image specification,
/// *layer*). A refused entry refuses the image.
///
/// - `.wh.NAME` removes what lower layers have there, `.wh..wh..opq` all that they have in its
///   folder; never what the same layer brings, whatever the order.
/// - A name may lead through a symbolic link of a lower layer, as `lib → usr/lib` does in images
///   whose upper layers were made elsewhere, if the link is relative and ends in a folder of this
///   tree. Through one of the same layer nothing leads: no packer makes that.
final class FileTree {
  private static final String WHITEOUT = ".wh.";
  private static final String OPAQUE = ".wh..wh..opq";
  private static final int DEEPEST = 128;
  private static final int LONGEST_PART = 255;
  private static final int MOST_LINKS = 16;

  private final Node root;
  private final DevicePolicy devices;
  private final int mostNodes;
  private int nodes;
  private int leftOut;

  /// @param mostNodes names at most, those of folders that nobody named but that must be among them
  FileTree(DevicePolicy devices, int mostNodes) {
    this.devices = devices;
    this.mostNodes = mostNodes;
    this.root = new Node("", null, new Content(folder(""), -1, -1), -1);
  }

  /// What a file is, whatever its names.
  ///
  /// @param layer that brought it
  /// @param number of the member in the layer
  record Content(TarEntry entry, int layer, int number) {
    boolean isFolder() {
      return entry.type() == TarEntry.Type.FOLDER;
    }
  }

  /// A name in a folder.
  static final class Node {
    final String name;
    final @Nullable Node parent;
    final TreeMap<String, Node> children = new TreeMap<>();
    Content content;

    /// The last that named it, which for a hard link may be above the one with the bytes.
    int layer;

    Node(String name, @Nullable Node parent, Content content, int layer) {
      this.name = name;
      this.parent = parent;
      this.content = content;
      this.layer = layer;
    }

    /// From the root, without a slash before it.
    String path() {
      Node above = parent;
      if (above == null) {
        return "";
      }
      String before = above.path();
      return before.isEmpty() ? name : before + "/" + name;
    }
  }

  Node root() {
    return root;
  }

  /// How many device files were left out.
  int leftOut() {
    return leftOut;
  }

  void add(TarEntry entry, int layer, int number) throws LayerException {
    List<String> parts = parts(entry.name());
    if (parts.isEmpty()) {
      if (entry.type() == TarEntry.Type.FOLDER) {
        root.content = new Content(entry, layer, number);
      }
      return;
    }
    String last = parts.getLast();
    if (last.startsWith(WHITEOUT)) {
      whiteout(entry, parts, layer);
      return;
    }
    if (entry.type() == TarEntry.Type.CHARACTER_DEVICE
        || entry.type() == TarEntry.Type.BLOCK_DEVICE) {
      switch (devices) {
        case LEAVE_OUT -> {
          leftOut++;
          return;
        }
        case REFUSE -> throw new LayerException("it has a device file, " + entry.shown());
        case KEEP -> {}
      }
    }
    Node folder = folderOf(entry, parts, layer, true);
    if (folder == null) {
      throw new IllegalStateException("folders that are missing are made");
    }
    Content content =
        entry.type() == TarEntry.Type.HARD_LINK
            ? linked(entry, layer)
            : new Content(entry, layer, number);
    Node here = folder.children.get(last);
    if (here == null) {
      child(folder, last, content, layer);
    } else {
      if (!(here.content.isFolder() && content.isFolder())) {
        here.children.clear();
      }
      here.content = content;
      here.layer = layer;
    }
  }

  private Node child(Node folder, String name, Content content, int layer) throws LayerException {
    if (++nodes > mostNodes) {
      throw new LayerException("it has more than the " + mostNodes + " files and folders allowed");
    }
    Node child = new Node(name, folder, content, layer);
    folder.children.put(name, child);
    return child;
  }

  /// The file that a hard link means: by its name in this tree, where else nothing is looked for.
  private Content linked(TarEntry entry, int layer) throws LayerException {
    TarEntry target = entry.named(entry.link(), TarEntry.Type.FILE, "");
    List<String> parts;
    try {
      parts = parts(target.name());
    } catch (LayerException e) {
      throw new LayerException(
          "its hard link " + entry.shown() + " leads out of it, to " + target.shown());
    }
    Node folder = parts.isEmpty() ? null : folderOf(target, parts, layer, false);
    Node node = folder == null ? null : folder.children.get(parts.getLast());
    if (node == null || node.content.isFolder()) {
      throw new LayerException(
          "its hard link " + entry.shown() + " leads to " + target.shown() + ", which is no file");
    }
    return node.content;
  }

  private void whiteout(TarEntry entry, List<String> parts, int layer) throws LayerException {
    String last = parts.getLast();
    Node folder = folderOf(entry, parts, layer, false);
    if (last.equals(OPAQUE)) {
      if (folder != null) {
        purgeBelow(folder, layer);
      }
      return;
    }
    if (last.startsWith(WHITEOUT + WHITEOUT)) {
      // What aufs kept for itself.
      return;
    }
    String name = last.substring(WHITEOUT.length());
    if (name.isEmpty() || name.equals(".") || name.equals("..")) {
      throw new LayerException("its whiteout " + entry.shown() + " names nothing");
    }
    Node node = folder == null ? null : folder.children.get(name);
    if (folder != null && node != null && !purge(node, layer)) {
      folder.children.remove(name);
    }
  }

  /// Takes what lower layers brought.
  ///
  /// @return whether anything is left
  private static boolean purge(Node node, int layer) {
    purgeBelow(node, layer);
    return node.layer == layer || !node.children.isEmpty();
  }

  private static void purgeBelow(Node node, int layer) {
    node.children.values().removeIf(child -> !purge(child, layer));
  }

  /// The folder that the last part is in.
  ///
  /// @param make whether missing ones are made; else null if one is missing
  private @Nullable Node folderOf(TarEntry entry, List<String> parts, int layer, boolean make)
      throws LayerException {
    Node at = root;
    int depth = 0;
    for (String part : parts.subList(0, parts.size() - 1)) {
      Node next = at.children.get(part);
      if (next == null) {
        if (!make) {
          return null;
        }
        next = child(at, part, new Content(folder(part), layer, -1), layer);
      }
      if (next.content.entry().type() == TarEntry.Type.SYMLINK) {
        next = through(entry, next, layer, 0);
      }
      if (!next.content.isFolder()) {
        throw new LayerException(
            "its member "
                + entry.shown()
                + " is below "
                + TarEntry.shown(next.path())
                + ", which is no folder");
      }
      at = next;
      if (++depth > DEEPEST) {
        throw new LayerException("its member " + entry.shown() + " is too deep");
      }
    }
    return at;
  }

  private Node through(TarEntry entry, Node link, int layer, int links) throws LayerException {
    String target = link.content.entry().link();
    if (link.layer == layer || target.startsWith("/") || links >= MOST_LINKS) {
      throw throughLink(entry, link);
    }
    Node at = link.parent == null ? root : link.parent;
    for (String part : target.split("/", -1)) {
      switch (part) {
        case "", "." -> {}
        case ".." -> {
          if (at.parent == null) {
            throw throughLink(entry, link);
          }
          at = at.parent;
        }
        default -> {
          Node next = at.children.get(part);
          if (next != null && next.content.entry().type() == TarEntry.Type.SYMLINK) {
            next = through(entry, next, layer, links + 1);
          }
          if (next == null || !next.content.isFolder()) {
            throw throughLink(entry, link);
          }
          at = next;
        }
      }
    }
    return at;
  }

  private static LayerException throughLink(TarEntry entry, Node link) {
    return new LayerException(
        "its member "
            + entry.shown()
            + " would be written through the symbolic link "
            + TarEntry.shown(link.path() + " → " + link.content.entry().link()));
  }

  /// Parts of a name that stays inside; empty for the root itself.
  private static List<String> parts(String name) throws LayerException {
    List<String> parts = new ArrayList<>();
    boolean rootItself = name.equals("/");
    if (name.startsWith("/") && !rootItself) {
      throw new LayerException("its member " + TarEntry.shown(name) + " has an absolute name");
    }
    for (String part : name.split("/", -1)) {
      if (part.equals("..")) {
        throw new LayerException("its member " + TarEntry.shown(name) + " leads out of it by '..'");
      }
      if (part.length() > LONGEST_PART) {
        throw new LayerException("its member " + TarEntry.shown(name) + " has too long a name");
      }
      if (!part.isEmpty() && !part.equals(".")) {
        parts.add(part);
      }
    }
    if (parts.size() > DEEPEST) {
      throw new LayerException("its member " + TarEntry.shown(name) + " is too deep");
    }
    if (parts.isEmpty() && !rootItself && !name.matches("[./]+")) {
      throw new LayerException("it has a member without a name");
    }
    return parts;
  }

  /// Every node but the root, folders before what is in them, by name.
  void each(Consumer<Node> visitor) {
    visit(root, visitor);
  }

  private static void visit(Node node, Consumer<Node> visitor) {
    for (Node child : node.children.values()) {
      visitor.accept(child);
      visit(child, visitor);
    }
  }

  static TarEntry folder(String name) {
    return new TarEntry(name, TarEntry.Type.FOLDER, 0, 0755, 0, 0, 0, "", Map.of(), 0);
  }
}
