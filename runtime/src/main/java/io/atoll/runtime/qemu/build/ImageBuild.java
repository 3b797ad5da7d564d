package io.atoll.runtime.qemu.build;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.os.FolderRemoval;
import io.atoll.core.os.Machine;
import io.atoll.runtime.qemu.disk.VmImage;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/// One build. Its work lies beside the image, in `.NAME.build`, until the image is whole; then the
/// image gets its name and the work is removed. A build that was interrupted goes on after its last
/// finished step, as long as the recipe is the same.
public final class ImageBuild {
  private static final int STEPS = 4;
  private static final byte[] LZ4_LEGACY = {0x02, 0x21, 0x4c, 0x18};

  /// Of every image: nobody tells disks apart by it, and a random one would make each build
  /// another.
  private static final String FILE_SYSTEM = "a7011000-0000-4000-8000-000000000012";

  private final Recipe recipe;
  private final Path target;
  private final Path work;
  private final BuildProgress progress;

  /// @param images folder in which images have their folders
  public ImageBuild(Recipe recipe, Path images, BuildProgress progress) {
    this.recipe = recipe;
    this.target = images.toAbsolutePath().resolve(recipe.name());
    this.work = images.toAbsolutePath().resolve("." + recipe.name() + ".build");
    this.progress = progress;
  }

  /// Builds, or goes on with a build. Nothing is done if the image of this recipe is there.
  public VmImage run() throws BuildException, IOException, InterruptedException {
    String id = id();
    if (Files.isDirectory(target)) {
      VmImage there = VmImage.of(target);
      if (there.recipe().equals(id)) {
        return there;
      }
    }
    if (Machine.uid() != 0) {
      throw new BuildException(
          ErrorCode.DENIED,
          "building '" + recipe.name() + "' makes files of many users, which only root can",
          "run it as root on any Debian machine and copy the folder " + target.getFileName());
    }
    Files.createDirectories(work);
    try (FileChannel channel =
            FileChannel.open(
                work.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      if (lock == null) {
        throw beingBuilt();
      }
      return locked(id);
    } catch (OverlappingFileLockException e) {
      throw beingBuilt();
    }
  }

  private BuildException beingBuilt() {
    return new BuildException(
        ErrorCode.CONFLICT, "'" + recipe.name() + "' is being built already", "wait for it");
  }

  private VmImage locked(String id) throws BuildException, IOException, InterruptedException {
    Path of = work.resolve("recipe");
    if (!Files.exists(of) || !Files.readString(of).equals(id)) {
      try (Stream<Path> old = Files.list(work)) {
        for (Path each : old.filter(path -> !path.endsWith("lock")).toList()) {
          FolderRemoval.remove(each);
        }
      }
      Files.writeString(of, id);
    }
    Path tar = work.resolve("rootfs.tar");
    if (!Files.exists(tar)) {
      packages(tar);
    }
    Path root = work.resolve("root");
    unpack(tar, root);
    Path out = work.resolve("image");
    FolderRemoval.remove(out);
    Files.createDirectory(out);
    progress.at(3, STEPS, "taking the kernel and making its initramfs");
    kernel(root, out);
    Files.write(out.resolve(VmImage.INITRAMFS), Initramfs.of(root));
    disk(root, out.resolve(VmImage.DISK));
    Map<String, String> sums = new TreeMap<>();
    for (String name : List.of(VmImage.DISK, VmImage.KERNEL, VmImage.INITRAMFS)) {
      sums.put(name, sha256(out.resolve(name)));
    }
    VmImage.write(out, recipe.name(), id, recipe.user(), sums);
    FolderRemoval.remove(target);
    Files.move(out, target, StandardCopyOption.ATOMIC_MOVE);
    FolderRemoval.remove(work);
    return VmImage.of(target);
  }

  /// Step 1, the long one: minutes, and some 150 MB from the mirror.
  private void packages(Path tar) throws BuildException, IOException, InterruptedException {
    Path hook = work.resolve("customize.sh");
    Files.write(hook, Initramfs.resource("customize.sh"));
    Path draft = work.resolve("rootfs.new.tar");
    List<String> words =
        new ArrayList<>(
            List.of(
                "--variant=minbase",
                "--mode=root",
                "--aptopt=APT::Install-Recommends \"false\"",
                "--aptopt=Acquire::Retries \"5\"",
                "--dpkgopt=path-exclude=/usr/share/man/*",
                "--dpkgopt=path-exclude=/usr/share/locale/*",
                "--dpkgopt=path-exclude=/usr/share/doc/*",
                "--dpkgopt=path-include=/usr/share/doc/*/copyright",
                "--include=" + String.join(",", recipe.packages()),
                "--customize-hook=sh " + quoted(hook) + " \"$1\"",
                recipe.suite(),
                draft.toString()));
    String first = "installing " + recipe.suite() + " from its packages; some minutes";
    progress.at(1, STEPS, first);
    Tool.find("mmdebstrap", "installs Debian into a folder")
        .run(words, Map.of("SOURCE_DATE_EPOCH", String.valueOf(recipe.epoch())), this::step);
    Files.move(draft, tar, StandardCopyOption.ATOMIC_MOVE);
  }

  private void step(String line) {
    if (line.startsWith("I: ")) {
      progress.at(1, STEPS, line.substring(3));
    }
  }

  private static String quoted(Path path) {
    return "'" + path.toString().replace("'", "'\\''") + "'";
  }

  private void unpack(Path tar, Path root)
      throws BuildException, IOException, InterruptedException {
    progress.at(2, STEPS, "unpacking");
    FolderRemoval.remove(root);
    Files.createDirectory(root);
    Tool.find("tar", "unpacks archives")
        .run(
            List.of("--numeric-owner", "-C", root.toString(), "-xf", tar.toString()),
            Map.of(),
            line -> {});
  }

  /// The kernel as an uncompressed ELF file, which QEMU starts without the BIOS and without the
  /// guest unpacking it: two seconds less under emulation.
  private void kernel(Path root, Path out)
      throws BuildException, IOException, InterruptedException {
    Path packed = work.resolve("kernel.lz4");
    Path found;
    try (Stream<Path> boot = Files.list(root.resolve("boot"))) {
      found =
          boot.filter(file -> String.valueOf(file.getFileName()).startsWith("vmlinuz-"))
              .max(Path::compareTo)
              .orElseThrow(() -> new IOException("the packages brought no kernel"));
    }
    byte[] image = Files.readAllBytes(found);
    int at = indexOf(image, LZ4_LEGACY);
    if (at < 0) {
      throw new IOException("the kernel " + found.getFileName() + " is not packed with LZ4");
    }
    Files.write(packed, java.util.Arrays.copyOfRange(image, at, image.length));
    Path kernel = out.resolve(VmImage.KERNEL);
    Tool lz4 = Tool.find("lz4", "unpacks the kernel");
    try {
      lz4.run(List.of("-d", "-f", "-q", packed.toString(), kernel.toString()), Map.of(), l -> {});
    } catch (BuildException behindTheEnd) {
      // What follows the packed kernel in its file is no LZ4; what was written before counts.
    }
    byte[] start = new byte[4];
    try (var in = Files.newInputStream(kernel)) {
      int read = in.readNBytes(start, 0, 4);
      if (read < 4 || start[0] != 0x7f || start[1] != 'E' || start[2] != 'L' || start[3] != 'F') {
        throw new IOException("the kernel " + found.getFileName() + " did not unpack");
      }
    }
    Files.delete(packed);
  }

  private static int indexOf(byte[] all, byte[] part) {
    for (int i = 0; i + part.length <= all.length; i++) {
      if (java.util.Arrays.equals(all, i, i + part.length, part, 0, part.length)) {
        return i;
      }
    }
    return -1;
  }

  private void disk(Path root, Path disk) throws BuildException, IOException, InterruptedException {
    progress.at(4, STEPS, "making the disk");
    Path raw = work.resolve("disk.raw");
    Files.deleteIfExists(raw);
    try (FileChannel file =
        FileChannel.open(raw, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      file.write(java.nio.ByteBuffer.allocate(1), recipe.diskBytes() - 1);
    }
    Tool.find("mke2fs", "makes file systems")
        .run(
            List.of(
                "-q",
                "-F",
                "-t",
                "ext4",
                "-L",
                "rootfs",
                "-U",
                FILE_SYSTEM,
                "-E",
                "lazy_itable_init=1,hash_seed=" + FILE_SYSTEM,
                "-O",
                "^has_journal",
                "-m",
                "0",
                "-d",
                root.toString(),
                raw.toString()),
            Map.of("E2FSPROGS_FAKE_TIME", String.valueOf(recipe.epoch())),
            line -> {});
    Tool.find("qemu-img", "makes disks of virtual machines")
        .run(
            List.of("convert", "-f", "raw", "-O", "qcow2", raw.toString(), disk.toString()),
            Map.of(),
            line -> {});
  }

  /// Names everything that the result follows from, beside the mirror.
  String id() throws IOException {
    MessageDigest digest = digest();
    digest.update(recipe.toString().getBytes(UTF_8));
    digest.update(Initramfs.resource("customize.sh"));
    digest.update(Initramfs.resource("init"));
    digest.update(Initramfs.MODULES.toString().getBytes(UTF_8));
    return HexFormat.of().formatHex(digest.digest(), 0, 8);
  }

  private static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  static String sha256(Path file) throws IOException {
    MessageDigest digest = digest();
    byte[] piece = new byte[1 << 16];
    try (var in = Files.newInputStream(file)) {
      for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
        digest.update(piece, 0, n);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /// For people: `3 min 5 s`.
  public static String took(Duration time) {
    return (time.toMinutes() > 0 ? time.toMinutes() + " min " : "") + time.toSecondsPart() + " s";
  }
}
