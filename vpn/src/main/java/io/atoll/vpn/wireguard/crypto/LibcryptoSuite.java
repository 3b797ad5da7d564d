package io.atoll.vpn.wireguard.crypto;

import java.lang.foreign.Arena;
import org.jspecify.annotations.Nullable;

/// OpenSSL's, which most Linux systems have: no garbage, and the fastest here.
final class LibcryptoSuite implements AeadSuite {

  /// Whether the library is there, with all that is called in it.
  static boolean present() {
    try {
      return Libcrypto.CHACHA20_POLY1305 != 0;
    } catch (LinkageError | IllegalArgumentException | IllegalCallerException missing) {
      return false;
    }
  }

  @Override
  public String name() {
    return "libcrypto";
  }

  @Override
  public Aead key(byte[] key) {
    return new LibcryptoPacketKey(key);
  }

  @Override
  public byte[] seal(byte[] key, long counter, byte[] associated, byte[] plain) {
    try (Arena arena = Arena.ofConfined();
        LibcryptoAead aead = new LibcryptoAead(arena, key)) {
      long with = copied(arena, associated);
      long buffer = arena.allocate(plain.length + Aead.TAG).address();
      Memory.copy(plain, buffer, plain.length);
      aead.seal(counter, with, associated.length, buffer, plain.length, buffer);
      byte[] sealed = new byte[plain.length + Aead.TAG];
      Memory.copy(buffer, sealed, sealed.length);
      return sealed;
    }
  }

  @Override
  public byte @Nullable [] open(byte[] key, long counter, byte[] associated, byte[] sealed) {
    if (sealed.length < Aead.TAG) {
      return null;
    }
    try (Arena arena = Arena.ofConfined();
        LibcryptoAead aead = new LibcryptoAead(arena, key)) {
      long with = copied(arena, associated);
      long buffer = copied(arena, sealed);
      if (!aead.open(counter, with, associated.length, buffer, sealed.length, buffer)) {
        return null;
      }
      byte[] plain = new byte[sealed.length - Aead.TAG];
      Memory.copy(buffer, plain, plain.length);
      return plain;
    }
  }

  private static long copied(Arena arena, byte[] bytes) {
    long address = arena.allocate(Math.max(1, bytes.length)).address();
    Memory.copy(bytes, address, bytes.length);
    return address;
  }
}
