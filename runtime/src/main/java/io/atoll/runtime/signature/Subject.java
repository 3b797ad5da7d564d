package io.atoll.runtime.signature;

import io.atoll.runtime.image.content.Digest;
import io.atoll.runtime.image.content.Reference;
import org.jspecify.annotations.Nullable;

/// What is judged.
///
/// @param name for messages
/// @param index that the image was chosen from by its digest: who vouches for it vouches for what
///     it names
public record Subject(String name, Digest digest, Digest sha3, @Nullable Digest index) {
  public static Subject of(Reference image) {
    return new Subject(image.name(), image.digest(), image.sha3(), image.index());
  }

  boolean is(Digest other) {
    return other.equals(digest) || other.equals(sha3) || other.equals(index);
  }
}
