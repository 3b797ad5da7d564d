package io.atoll.core.identity;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import io.atoll.core.crypto.Ed25519;
import io.atoll.core.crypto.KeyType;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// The file that holds an identity: a libp2p PrivateKey message `{1 Type, 2 seed‖public key}`, mode
/// 0600, made whole or not at all.
final class IdentityFile {
  private static final int MAX_BYTES = 4096;
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");

  private IdentityFile() {}

  static byte[] seed(Path file) {
    try {
      if (!Files.exists(file)) {
        create(file);
      }
      refuseIfOthersMayRead(file);
      if (Files.size(file) > MAX_BYTES) {
        throw malformed(file, null);
      }
      return decode(file, Files.readAllBytes(file));
    } catch (IOException e) {
      throw new AtollException(
          ErrorCode.INTERNAL,
          "cannot read or make the identity file " + file,
          "Check that its folder exists and belongs to the user who runs Atoll.",
          e);
    }
  }

  /// Writes beside the file and links it into place, so that a crash leaves no half key and the
  /// first of two processes wins.
  private static void create(Path file) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null) {
      throw new IOException("an identity file has a folder");
    }
    Files.createDirectories(folder);
    boolean posix = Files.getFileStore(folder).supportsFileAttributeView("posix");
    FileAttribute<?>[] mode =
        posix
            ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OWNER_ONLY)}
            : new FileAttribute<?>[0];
    Path fresh = folder.resolve(file.getFileName() + "." + UUID.randomUUID());
    try (FileChannel out =
        FileChannel.open(
            fresh, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), mode)) {
      ByteBuffer bytes = ByteBuffer.wrap(encode(Ed25519.newSeed()));
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
      out.force(true);
    }
    try {
      Files.createLink(file, fresh);
      Files.delete(fresh);
    } catch (FileAlreadyExistsException another) {
      Files.delete(fresh);
    } catch (UnsupportedOperationException noHardLinks) {
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    }
    if (posix) {
      try (FileChannel entry = FileChannel.open(folder, StandardOpenOption.READ)) {
        entry.force(true);
      }
    }
  }

  private static void refuseIfOthersMayRead(Path file) throws IOException {
    if (!Files.getFileStore(file).supportsFileAttributeView("posix")) {
      return;
    }
    Set<PosixFilePermission> mode = Files.getPosixFilePermissions(file);
    if (!OWNER_ONLY.containsAll(mode)) {
      throw new AtollException(
          ErrorCode.DENIED,
          "the identity file "
              + file
              + " is open to others (mode "
              + PosixFilePermissions.toString(mode)
              + ")",
          "If nobody else has read it: chmod 600 " + file);
    }
  }

  private static byte[] encode(byte[] seed) throws IOException {
    byte[] pair = Arrays.copyOf(seed, 64);
    System.arraycopy(Ed25519.publicKey(seed), 0, pair, 32, 32);
    byte[] message = new byte[68];
    CodedOutputStream out = CodedOutputStream.newInstance(message);
    out.writeEnum(1, KeyType.ED25519.number());
    out.writeByteArray(2, pair);
    out.checkNoSpaceLeft();
    return message;
  }

  /// Accepts seed‖public and the older seed‖public‖public.
  private static byte[] decode(Path file, byte[] message) {
    int type = 0;
    byte[] data = new byte[0];
    try {
      CodedInputStream in = CodedInputStream.newInstance(message);
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        switch (tag) {
          case 1 << 3 -> type = in.readEnum();
          case 2 << 3 | 2 -> data = in.readByteArray();
          default -> in.skipField(tag);
        }
      }
    } catch (IOException e) {
      throw malformed(file, e);
    }
    if (type != KeyType.ED25519.number() || (data.length != 64 && data.length != 96)) {
      throw malformed(file, null);
    }
    byte[] seed = Arrays.copyOf(data, 32);
    byte[] key = Ed25519.publicKey(seed);
    for (int at = 32; at < data.length; at += 32) {
      if (!Arrays.equals(key, Arrays.copyOfRange(data, at, at + 32))) {
        throw malformed(file, null);
      }
    }
    return seed;
  }

  private static AtollException malformed(Path file, @Nullable IOException cause) {
    return new AtollException(
        ErrorCode.BAD_REQUEST,
        "the file " + file + " holds no Ed25519 key in libp2p form",
        "Restore it from a backup, or move it away to get a new identity.",
        cause);
  }
}
