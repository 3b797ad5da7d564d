package io.atoll.runtime.qemu.disk;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/// What the first bytes of a qcow2 file say (QEMU, docs/interop/qcow2.txt). Big-endian:
///
/// ```
/// 0 magic "QFI\xfb"   8 backing offset   24 size           40 L1 offset         60 snapshots
/// 4 version 2 or 3    16 backing length  32 encryption     48 refcount offset   64 their offset
///                     20 cluster bits    36 L1 entries     56 refcount clusters
/// 72 incompatible   80 compatible   88 autoclear   96 refcount order   100 header length   (3)
/// then extensions: u32 type, u32 length, data padded to 8; type 0 ends them
/// ```
///
/// @param version 2 or 3
/// @param clusterBits size of a cluster as a power of two
/// @param virtualSize bytes of the disk that a guest sees
/// @param backing name of the file below it, as written; null = it stands alone
/// @param backingFormat as written; null = not said, and QEMU would guess
/// @param encrypted whether its data are encrypted
/// @param externalData whether its data lie in another file
/// @param dirty whether its writer did not close it
/// @param corrupt whether somebody found it damaged
/// @param unknown features that are in it and that nobody may ignore, as bits; 0 = none
/// @param snapshots how many states it keeps inside
public record Qcow2Header(
    int version,
    int clusterBits,
    long virtualSize,
    @Nullable String backing,
    @Nullable String backingFormat,
    boolean encrypted,
    boolean externalData,
    boolean dirty,
    boolean corrupt,
    long unknown,
    long snapshots) {
  /// More is never needed: header, extensions and the backing name lie in the first cluster, and
  /// what lies behind these bytes is refused.
  static final int MOST_READ = 64 << 10;

  private static final int MAGIC = 0x514649fb;
  private static final int MAX_NAME = 1023;
  private static final int BACKING_FORMAT = 0xe2792aca;
  private static final int EXTERNAL_DATA = 0x44415441;
  private static final int FULL_DISK_ENCRYPTION = 0x0537be77;
  private static final long LARGEST = 64L << 40;

  /// @throws ForeignDiskException if it is no qcow2 file that holds together
  /// @throws IOException if it cannot be read
  public static Qcow2Header read(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(MOST_READ);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long length = channel.size();
      while (bytes.hasRemaining() && channel.read(bytes) >= 0) {}
      return parse(bytes.flip(), length);
    }
  }

  /// @param bytes the beginning of the file, at most as much as `MOST_READ`
  /// @param length of the whole file
  static Qcow2Header parse(ByteBuffer bytes, long length) throws ForeignDiskException {
    if (bytes.remaining() < 72 || bytes.getInt(0) != MAGIC) {
      throw new ForeignDiskException("it is no qcow2 file: its first four bytes are not QFI\\xfb");
    }
    int version = bytes.getInt(4);
    if (version != 2 && version != 3) {
      throw new ForeignDiskException(
          "it is qcow version " + Integer.toUnsignedString(version) + "; 2 and 3 are known");
    }
    int clusterBits = bytes.getInt(20);
    if (clusterBits < 9 || clusterBits > 21) {
      throw new ForeignDiskException(
          "its clusters of 2^" + Integer.toUnsignedString(clusterBits) + " bytes are none");
    }
    long size = bytes.getLong(24);
    if (size < 0 || size > LARGEST) {
      throw new ForeignDiskException(
          "it says to be a disk of " + Long.toUnsignedString(size) + " bytes; 64 TiB is the most");
    }
    checkTables(bytes, clusterBits, size, length);
    long features = 0;
    int headerLength = 72;
    if (version == 3) {
      if (bytes.remaining() < 104) {
        throw new ForeignDiskException("it is cut short within its header");
      }
      features = bytes.getLong(72);
      headerLength = bytes.getInt(100);
      if (headerLength < 104 || headerLength > 4096 || headerLength > bytes.remaining()) {
        throw new ForeignDiskException("its header has a length that no header has");
      }
      if (bytes.getInt(96) < 0 || bytes.getInt(96) > 6) {
        throw new ForeignDiskException("its reference counts have a width that none has");
      }
    }
    String backing = backing(bytes, 1L << clusterBits);
    Extensions extensions = Extensions.of(bytes, headerLength, 1L << clusterBits);
    return new Qcow2Header(
        version,
        clusterBits,
        size,
        backing,
        extensions.backingFormat,
        bytes.getInt(32) != 0 || extensions.encryption,
        (features & 4) != 0 || extensions.externalData,
        (features & 1) != 0,
        (features & 2) != 0,
        features & ~0x1fL,
        bytes.getInt(60) & 0xffffffffL);
  }

  /// The tables that a reader loads at once must be where and as large as they can be.
  private static void checkTables(ByteBuffer bytes, int clusterBits, long size, long length)
      throws ForeignDiskException {
    long entries = bytes.getInt(36) & 0xffffffffL;
    long perEntry = 1L << (2 * clusterBits - 3);
    long needed = size / perEntry + (size % perEntry == 0 ? 0 : 1);
    if (entries < needed || entries > (32 << 20) / 8) {
      throw new ForeignDiskException("its first table has a size that does not fit the disk's");
    }
    inside("first table", bytes.getLong(40), entries * 8, clusterBits, length);
    long refcounts = (bytes.getInt(56) & 0xffffffffL) << clusterBits;
    if (refcounts > 8 << 20) {
      throw new ForeignDiskException("its table of reference counts is larger than any");
    }
    inside("table of reference counts", bytes.getLong(48), refcounts, clusterBits, length);
    if ((bytes.getInt(60) & 0xffffffffL) > 65_536) {
      throw new ForeignDiskException("it says to keep more snapshots than any");
    }
  }

  private static void inside(String what, long at, long size, int clusterBits, long length)
      throws ForeignDiskException {
    boolean aligned = (at & ((1L << clusterBits) - 1)) == 0;
    if (size > 0 && (!aligned || at <= 0 || at > length || size > length - at)) {
      throw new ForeignDiskException("its " + what + " lies outside the file: it may be cut short");
    }
  }

  private static @Nullable String backing(ByteBuffer bytes, long cluster)
      throws ForeignDiskException {
    long at = bytes.getLong(8);
    if (at == 0) {
      return null;
    }
    long length = bytes.getInt(16) & 0xffffffffL;
    long most = Math.min(cluster, bytes.remaining());
    if (length == 0 || length > MAX_NAME || at < 72 || at > most || length > most - at) {
      throw new ForeignDiskException("the name of the file below it lies outside its header");
    }
    byte[] name = new byte[(int) length];
    bytes.get((int) at, name);
    return new String(name, UTF_8);
  }

  private record Extensions(
      @Nullable String backingFormat, boolean externalData, boolean encryption) {
    static Extensions of(ByteBuffer bytes, int from, long cluster) throws ForeignDiskException {
      String format = null;
      boolean external = false;
      boolean encryption = false;
      long most = Math.min(cluster, bytes.remaining());
      long at = from;
      while (at + 8 <= most) {
        int type = bytes.getInt((int) at);
        long length = bytes.getInt((int) at + 4) & 0xffffffffL;
        if (type == 0) {
          break;
        }
        if (length > most - at - 8) {
          throw new ForeignDiskException("an extension of its header lies outside its header");
        }
        if (type == BACKING_FORMAT && length <= 64) {
          byte[] name = new byte[(int) length];
          bytes.get((int) at + 8, name);
          format = new String(name, UTF_8);
        }
        external |= type == EXTERNAL_DATA;
        encryption |= type == FULL_DISK_ENCRYPTION;
        at += 8 + ((length + 7) & ~7L);
      }
      return new Extensions(format, external, encryption);
    }
  }

  /// Passes if a foreign file of this header may be opened by QEMU: it leads to no other file.
  ///
  /// @throws ForeignDiskException if not, with the reason
  public void checkStandsAlone() throws ForeignDiskException {
    if (backing != null) {
      throw new ForeignDiskException(
          "it is only a layer over another file, '"
              + backing.replaceAll("\\p{Cntrl}", "?")
              + "'; merge it first: qemu-img convert -O qcow2 FILE NEW");
    }
    if (externalData) {
      throw new ForeignDiskException(
          "its data lie in another file; merge it first: qemu-img convert -O qcow2 FILE NEW");
    }
    if (encrypted) {
      throw new ForeignDiskException(
          "it is encrypted; encrypt within the guest, or decrypt it with qemu-img convert");
    }
    if (unknown != 0) {
      throw new ForeignDiskException(
          "it uses features that are not known here: 0x" + Long.toHexString(unknown));
    }
    if (corrupt) {
      throw new ForeignDiskException(
          "it is marked as damaged; look with qemu-img check, and repair a copy");
    }
  }

  /// What a foreign disk does wrong, in one clause.
  public static final class ForeignDiskException extends IOException {
    ForeignDiskException(String why) {
      super(why);
    }

    /// The clause.
    public String why() {
      return String.valueOf(getMessage());
    }
  }
}
