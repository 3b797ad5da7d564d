package io.atoll.vpn.wireguard.crypto;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// A library that has ChaCha20-Poly1305.
public interface AeadSuite {
  String name();

  /// The key is copied.
  Aead key(byte[] key);

  /// One message under a key of its own, as handshakes need it.
  byte[] seal(byte[] key, long counter, byte[] associated, byte[] plain);

  /// Null for what was not sealed with this key, counter and associated data.
  byte @Nullable [] open(byte[] key, long counter, byte[] associated, byte[] sealed);

  /// The fastest that is there and answers rightly on this machine.
  static AeadSuite choose() {
    for (AeadSuite suite : available()) {
      if (AeadSelfTest.passes(suite)) {
        return suite;
      }
    }
    throw new IllegalStateException("no library here has a ChaCha20-Poly1305 that works");
  }

  /// All that are there, the fastest first, untested.
  static List<AeadSuite> available() {
    AeadSuite jdk = new JcaSuite();
    return LibcryptoSuite.present() ? List.of(new LibcryptoSuite(), jdk) : List.of(jdk);
  }
}
