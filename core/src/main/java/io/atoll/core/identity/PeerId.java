package io.atoll.core.identity;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.atoll.core.crypto.PublicKey;
import io.atoll.core.multiformat.Base58;
import io.atoll.core.multiformat.Multihash;
import java.util.regex.Pattern;

/// The name of a node: the base58btc text of the multihash of its public key (libp2p peer-ids
/// specification), such as `12D3KooW…`.
public record PeerId(@JsonValue String text) implements Comparable<PeerId> {
  private static final Pattern BASE58 = Pattern.compile("[1-9A-HJ-NP-Za-km-z]{40,60}");

  @JsonCreator
  public PeerId {
    if (!BASE58.matcher(text).matches()) {
      throw new IllegalArgumentException("not a peer id: expected base58 text such as 12D3KooW…");
    }
  }

  public static PeerId of(PublicKey key) {
    return new PeerId(Base58.encode(Multihash.ofKey(key.encode())));
  }

  /// From the multihash.
  public static PeerId of(byte[] multihash) {
    return new PeerId(Base58.encode(Multihash.check(multihash)));
  }

  /// Parses either text, `12D3KooW…` or the CIDv1 form `bafz…`, and checks the multihash in it.
  public static PeerId parse(String text) {
    return of(Multihash.parse(text));
  }

  /// The multihash.
  public byte[] bytes() {
    return Multihash.parse(text);
  }

  @Override
  public int compareTo(PeerId other) {
    return text.compareTo(other.text);
  }

  @Override
  public String toString() {
    return text;
  }
}
