package io.atoll.runtime.qemu.disk;

import io.atoll.core.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A disk to boot, and what boots it. A folder:
///
/// ```
/// disk.qcow2   stands alone; never written once it is here
/// vmlinux      its kernel; absent: the disk boots by itself, through the machine's firmware
/// initramfs    goes with the kernel
/// image.json   name, recipe, user, checksums; absent in one that only has a disk
/// ```
///
/// @param folder where it lies
/// @param virtualSize bytes of the disk as a guest sees it
/// @param kernel null: boots by firmware
/// @param initramfs null where there is no kernel
/// @param recipe names what it was built from; empty if nobody built it here
/// @param user who logs in by SSH; empty if not known
public record VmImage(
    Path folder,
    long virtualSize,
    @Nullable Path kernel,
    @Nullable Path initramfs,
    String recipe,
    String user) {
  public static final String DISK = "disk.qcow2";
  public static final String KERNEL = "vmlinux";
  public static final String INITRAMFS = "initramfs";
  private static final String DESCRIPTION = "image.json";

  private record Description(
      @Nullable String name,
      @Nullable String recipe,
      @Nullable String user,
      @Nullable Map<String, String> sha256) {}

  /// Reads what is there, and refuses a disk that leads to other files.
  ///
  /// @throws IOException if there is no image in the folder, or none that may be used
  public static VmImage of(Path folder) throws IOException {
    Path disk = folder.resolve(DISK);
    Qcow2Header header = Qcow2Header.read(disk);
    header.checkStandsAlone();
    Path description = folder.resolve(DESCRIPTION);
    Description said =
        Files.exists(description)
            ? Json.read(Files.readAllBytes(description), Description.class)
            : new Description(null, null, null, null);
    Path kernel = folder.resolve(KERNEL);
    boolean direct = Files.exists(kernel);
    return new VmImage(
        folder,
        header.virtualSize(),
        direct ? kernel : null,
        direct ? folder.resolve(INITRAMFS) : null,
        said.recipe == null ? "" : said.recipe,
        said.user == null ? "" : said.user);
  }

  public Path disk() {
    return folder.resolve(DISK);
  }

  /// Describes what was built into a folder.
  public static void write(
      Path folder, String name, String recipe, String user, Map<String, String> sha256)
      throws IOException {
    Files.write(
        folder.resolve(DESCRIPTION), Json.bytes(new Description(name, recipe, user, sha256)));
  }
}
