package io.atoll.vpn.wireguard.crypto;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A key for packets, as libcrypto's ChaCha20 and Poly1305 by themselves, put together here (RFC
/// 8439 §2.8). Its own AEAD makes a block of 64 bytes alone for the key of Poly1305, and another
/// for what is left at a packet's end, each at the price of four, and is asked in five steps what
/// is here two: for a packet of 1420 bytes this takes two thirds of the time.
///
/// ```
///   workspace   | 64 zeros          | packet         | up to the next block |
///   becomes     | key of Poly1305   | sealed packet  | nothing of meaning   |
///   and then    |                   | sealed packet  | zeros | lengths |        what is summed
/// ```
final class LibcryptoPacketKey implements Aead {
  private static final int KEY = 32;
  private static final int NONCE = 16;
  private static final int BLOCK = 64;

  /// Of the lengths that end what is summed.
  private static final int LENGTHS = 16;

  private static final ThreadLocal<Workspace> WORKSPACE = ThreadLocal.withInitial(Workspace::new);

  /// Two pieces of memory of a thread, each with room for a packet and what stands around it.
  private static final class Workspace {
    private static final int AROUND = 2 * BLOCK + TAG + LENGTHS;

    private long each = 2048;
    private MemorySegment memory = Arena.ofAuto().allocate(2 * each, BLOCK);

    /// @return where the first begins; the other begins [#other] bytes behind it
    long room(int length) {
      if (each < length + AROUND) {
        each = ((long) length + AROUND + BLOCK) & -BLOCK;
        memory = Arena.ofAuto().allocate(2 * each, BLOCK);
      }
      return memory.address();
    }

    long other() {
      return each;
    }
  }

  private final MemorySegment memory = Arena.ofAuto().allocate(KEY + NONCE + 16 + TAG, 16);
  private final long nonce = memory.address() + KEY;
  private final long written = nonce + NONCE;
  private final long tag = written + 16;
  private long cipher;
  private long mac;
  private boolean closed;

  LibcryptoPacketKey(byte[] key) {
    MemorySegment.copy(key, 0, memory, ValueLayout.JAVA_BYTE, 0, KEY);
  }

  @Override
  public void seal(long counter, long from, int length, long to) {
    long work = WORKSPACE.get().room(length);
    zeros(work);
    Memory.copy(from, work + BLOCK, length);
    stream(counter, work, length, work);
    sum(work, work + BLOCK, length);
    Memory.copy(work + BLOCK, to, length);
    Memory.putLongLe(to + length, Memory.longLe(tag));
    Memory.putLongLe(to + length + 8, Memory.longLe(tag + 8));
  }

  @Override
  public boolean open(long counter, long from, int length, long to) {
    int plain = length - TAG;
    if (plain < 0) {
      return false;
    }
    Workspace workspace = WORKSPACE.get();
    long work = workspace.room(length);
    long opened = work + workspace.other();
    zeros(work);
    Memory.copy(from, work + BLOCK, plain);
    stream(counter, work, plain, opened);
    sum(opened, work + BLOCK, plain);
    // All of it in any case: how long this takes must not say how much of a tag was right.
    long wrong =
        (Memory.longLe(tag) ^ Memory.longLe(from + plain))
            | (Memory.longLe(tag + 8) ^ Memory.longLe(from + plain + 8));
    if (wrong != 0) {
      return false;
    }
    Memory.copy(opened + BLOCK, to, plain);
    return true;
  }

  private static void zeros(long at) {
    for (int i = 0; i < BLOCK; i += 8) {
      Memory.putLongLe(at + i, 0);
    }
  }

  /// The keystream, over a block and a packet, in whole blocks.
  private void stream(long counter, long from, int length, long to) {
    try {
      if (cipher == 0) {
        begin();
      }
      Memory.putLongLe(nonce + 8, counter);
      int whole = BLOCK + length + BLOCK - 1 & -BLOCK;
      int good = (int) Libcrypto.SEAL_INIT.invokeExact(cipher, 0L, 0L, 0L, nonce);
      good &= (int) Libcrypto.SEAL_UPDATE.invokeExact(cipher, to, written, from, whole);
      check(good == 1);
    } catch (Throwable t) {
      throw Libcrypto.failed(t);
    }
  }

  /// Makes the tag of a sealed packet; what lies behind it is used up.
  private void sum(long key, long sealed, int length) {
    long end = sealed + length;
    long padded = sealed + (length + 15 & -16);
    Memory.putLongLe(end, 0);
    Memory.putLongLe(end + 8, 0);
    Memory.putLongLe(padded, 0);
    Memory.putLongLe(padded + 8, length);
    try {
      int good = (int) Libcrypto.MAC_INIT.invokeExact(mac, key, (long) KEY, 0L);
      good &= (int) Libcrypto.MAC_UPDATE.invokeExact(mac, sealed, padded + LENGTHS - sealed);
      good &= (int) Libcrypto.MAC_FINAL.invokeExact(mac, tag, written, (long) TAG);
      check(good == 1);
    } catch (Throwable t) {
      throw Libcrypto.failed(t);
    }
  }

  private void begin() throws Throwable {
    long made = (long) Libcrypto.NEW.invokeExact();
    mac = (long) Libcrypto.MAC_NEW.invokeExact(Libcrypto.POLY1305);
    if (made == 0 || mac == 0) {
      throw new OutOfMemoryError("libcrypto has no memory for a key");
    }
    cipher = made;
    check(
        (int) Libcrypto.SEAL_INIT.invokeExact(made, Libcrypto.CHACHA20, 0L, memory.address(), nonce)
            == 1);
  }

  private static void check(boolean good) {
    if (!good) {
      throw new IllegalStateException("libcrypto did not do what it was asked");
    }
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      // The library wipes what it frees.
      Libcrypto.FREE.invokeExact(cipher);
      Libcrypto.MAC_FREE.invokeExact(mac);
    } catch (Throwable t) {
      throw Libcrypto.failed(t);
    }
    memory.fill((byte) 0);
  }
}
