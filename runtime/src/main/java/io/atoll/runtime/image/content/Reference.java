package io.atoll.runtime.image.content;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What a name means on this machine.
///
/// @param name as people call it
/// @param digest of the manifest of a container image, else of the one file that the image is
/// @param sha3 the same bytes by SHA3-256
/// @param index that the manifest was chosen from, or the manifest of a program at a registry; null
///     if there is none
/// @param kind what it can be used for
/// @param os it is made for, such as `linux`; null where that does not matter or is not known
/// @param architecture as Go names it, such as `amd64`; null like `os`
/// @param size bytes of everything that belongs to it
/// @param source where it came from: a registry's name with the digest, or a file
/// @param since when the name got this meaning
public record Reference(
    String name,
    Digest digest,
    Digest sha3,
    @Nullable Digest index,
    Kind kind,
    @Nullable String os,
    @Nullable String architecture,
    long size,
    String source,
    Instant since) {
  public enum Kind {
    /// Layers and a configuration.
    CONTAINER,
    /// A disk that a virtual machine boots from.
    DISK,
    /// A squashfs that is a root folder.
    ROOTFS,
    /// One executable.
    PROGRAM,
    /// A tar with a program and what it needs.
    ARCHIVE
  }
}
