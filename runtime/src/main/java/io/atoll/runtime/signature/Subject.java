package io.atoll.runtime.signature;

import io.atoll.runtime.image.content.Digest;
import io.atoll.runtime.image.content.Reference;
import java.util.LinkedHashSet;
import java.util.Set;

/// What is judged.
///
/// @param name for messages
/// @param digest the one that people are told
/// @param others digests of the same bytes by another hash, and of an index that the image was
///     chosen from by its digest: who vouches for one of them vouches for what it names
public record Subject(String name, Digest digest, Set<Digest> others) {
  public Subject {
    others = Set.copyOf(others);
  }

  public static Subject of(Reference image) {
    Set<Digest> others = new LinkedHashSet<>();
    others.add(image.sha3());
    Digest index = image.index();
    if (index != null) {
      others.add(index);
    }
    return new Subject(image.name(), image.digest(), others);
  }

  boolean is(Digest other) {
    return other.equals(digest) || others.contains(other);
  }
}
