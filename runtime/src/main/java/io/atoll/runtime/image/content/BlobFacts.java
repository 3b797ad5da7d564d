package io.atoll.runtime.image.content;

/// What is known of stored bytes.
///
/// @param digest their SHA-256, which names them
/// @param sha3 their SHA3-256
/// @param size in bytes
public record BlobFacts(Digest digest, Digest sha3, long size) {
  public static BlobFacts of(byte[] bytes) {
    return new BlobFacts(Digest.sha256(bytes), Digest.sha3(bytes), bytes.length);
  }
}
