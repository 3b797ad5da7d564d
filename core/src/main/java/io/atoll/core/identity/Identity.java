package io.atoll.core.identity;

import io.atoll.core.crypto.Ed25519;
import io.atoll.core.crypto.KeyType;
import io.atoll.core.crypto.PublicKey;
import java.nio.file.Path;

/// The key of this node, and its name. The key never leaves it, and never prints.
public final class Identity {
  private final byte[] seed;
  private final PublicKey publicKey;
  private final PeerId id;

  private Identity(byte[] seed) {
    this.seed = seed.clone();
    this.publicKey = new PublicKey(KeyType.ED25519, Ed25519.publicKey(seed));
    this.id = PeerId.of(publicKey);
  }

  /// A new identity that is kept nowhere.
  public static Identity generate() {
    return new Identity(Ed25519.newSeed());
  }

  public static Identity ofSeed(byte[] seed) {
    return new Identity(seed);
  }

  /// The identity in a file, which is made with a new key where there is none. Several processes
  /// may ask at once: all get the same.
  ///
  /// @throws io.atoll.core.error.AtollException if others may read the file, or it holds no key
  public static Identity at(Path file) {
    return new Identity(IdentityFile.seed(file));
  }

  public PeerId id() {
    return id;
  }

  public PublicKey publicKey() {
    return publicKey;
  }

  public byte[] sign(byte[] message) {
    return Ed25519.sign(seed, message);
  }

  @Override
  public String toString() {
    return "Identity[" + id + "]";
  }
}
