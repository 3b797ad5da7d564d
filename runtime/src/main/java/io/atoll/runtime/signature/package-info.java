/// Which images may run here, and who vouches for them.
///
/// A signature of ours is Ed25519 (RFC 8032) over the bytes
///
/// ```
/// atoll-image-v1\n
/// sha256:<64 hex digits>\n
/// ```
///
/// where the digest is of the manifest of a container image, or of the one file that another image
/// is. A signature of cosign's is ECDSA with SHA-256 over a payload that names the digest (simple
/// signing); at a registry it lies under the tag `sha256-<64 hex digits>.sig`.
@NullMarked
package io.atoll.runtime.signature;

import org.jspecify.annotations.NullMarked;
