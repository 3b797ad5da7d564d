package io.atoll.vpn.wireguard.crypto;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A key in contexts of libcrypto's own AEAD, for messages with associated data; packets have
/// [LibcryptoPacketKey]. Only the direction that is used is ever set up with the key.
final class LibcryptoAead implements AutoCloseable {
  private static final int TAG = Aead.TAG;
  private static final int KEY = 32;

  private final MemorySegment memory;
  private final long nonce;
  private final long written;
  private long sealing;
  private long opening;
  private boolean closed;

  /// @param arena that outlives this
  LibcryptoAead(Arena arena, byte[] key) {
    memory = arena.allocate(KEY + 32, 8);
    nonce = memory.address() + KEY;
    written = nonce + 16;
    MemorySegment.copy(key, 0, memory, ValueLayout.JAVA_BYTE, 0, KEY);
  }

  void seal(long counter, long associated, int associatedLength, long from, int length, long to) {
    try {
      if (sealing == 0) {
        sealing = context(true);
      }
      Memory.putLongLe(nonce + 4, counter);
      int good = (int) Libcrypto.SEAL_INIT.invokeExact(sealing, 0L, 0L, 0L, nonce);
      if (associatedLength > 0) {
        good &=
            (int)
                Libcrypto.SEAL_UPDATE.invokeExact(
                    sealing, 0L, written, associated, associatedLength);
      }
      good &= (int) Libcrypto.SEAL_UPDATE.invokeExact(sealing, to, written, from, length);
      good &= (int) Libcrypto.SEAL_FINAL.invokeExact(sealing, to + length, written);
      good &= (int) Libcrypto.CONTROL.invokeExact(sealing, Libcrypto.GET_TAG, TAG, to + length);
      if (good != 1) {
        throw new IllegalStateException("libcrypto did not seal");
      }
    } catch (Throwable t) {
      throw Libcrypto.failed(t);
    }
  }

  boolean open(
      long counter, long associated, int associatedLength, long from, int length, long to) {
    int plain = length - TAG;
    try {
      if (opening == 0) {
        opening = context(false);
      }
      Memory.putLongLe(nonce + 4, counter);
      int good = (int) Libcrypto.OPEN_INIT.invokeExact(opening, 0L, 0L, 0L, nonce);
      good &= (int) Libcrypto.CONTROL.invokeExact(opening, Libcrypto.SET_TAG, TAG, from + plain);
      if (associatedLength > 0) {
        good &=
            (int)
                Libcrypto.OPEN_UPDATE.invokeExact(
                    opening, 0L, written, associated, associatedLength);
      }
      good &= (int) Libcrypto.OPEN_UPDATE.invokeExact(opening, to, written, from, plain);
      int right = (int) Libcrypto.OPEN_FINAL.invokeExact(opening, to + plain, written);
      if (good != 1) {
        throw new IllegalStateException("libcrypto did not open");
      }
      return right == 1;
    } catch (Throwable t) {
      throw Libcrypto.failed(t);
    }
  }

  private long context(boolean seals) throws Throwable {
    long made = (long) Libcrypto.NEW.invokeExact();
    if (made == 0) {
      throw new OutOfMemoryError("libcrypto has no memory for a key");
    }
    long with = memory.address();
    long cipher = Libcrypto.CHACHA20_POLY1305;
    int good =
        seals
            ? (int) Libcrypto.SEAL_INIT.invokeExact(made, cipher, 0L, with, nonce)
            : (int) Libcrypto.OPEN_INIT.invokeExact(made, cipher, 0L, with, nonce);
    if (good != 1) {
      throw new IllegalStateException("libcrypto did not take a key");
    }
    return made;
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      // The library wipes a context before it frees it.
      Libcrypto.FREE.invokeExact(sealing);
      Libcrypto.FREE.invokeExact(opening);
    } catch (Throwable t) {
      throw Libcrypto.failed(t);
    }
    memory.fill((byte) 0);
  }
}
