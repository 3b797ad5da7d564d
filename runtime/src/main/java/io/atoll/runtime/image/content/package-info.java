/// Bytes by digest, in a folder that a daemon and command lines share:
///
/// ```
/// blobs/sha256/HEX      whole and verified, or not there; never changed
/// facts/HEX.json        its size and its SHA3-256, on disk before the blob is
/// drafts/HEX            what came so far of a blob, locked by who writes it; resumed later
/// drafts/new-…          bytes whose digest is not known yet; of no use to anybody else
/// refs/…json            a name and what it means
/// leases/…json          a digest and who needs it
/// store.lock            shared by who adds, exclusive for who removes
/// ```
///
/// A blob appears by one rename, after its bytes and its facts are on disk. A process that dies at
/// any moment leaves a draft at most.
@NullMarked
package io.atoll.runtime.image.content;

import org.jspecify.annotations.NullMarked;
