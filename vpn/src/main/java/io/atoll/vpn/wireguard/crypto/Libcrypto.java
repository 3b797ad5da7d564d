package io.atoll.vpn.wireguard.crypto;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/// The calls of OpenSSL 3 that seal and open. Addresses are longs and the calls critical, so that
/// one costs a few nanoseconds and no garbage; none of them waits.
final class Libcrypto {
  static final int GET_TAG = 0x10;
  static final int SET_TAG = 0x11;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final SymbolLookup LIBRARY =
      SymbolLookup.libraryLookup("libcrypto.so.3", Arena.global());

  private static final MethodHandle FETCH =
      find("EVP_CIPHER_fetch", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
  static final MethodHandle NEW = find("EVP_CIPHER_CTX_new", JAVA_LONG);
  static final MethodHandle FREE =
      LINKER.downcallHandle(symbol("EVP_CIPHER_CTX_free"), FunctionDescriptor.ofVoid(JAVA_LONG));
  static final MethodHandle SEAL_INIT = init("EVP_EncryptInit_ex");
  static final MethodHandle OPEN_INIT = init("EVP_DecryptInit_ex");
  static final MethodHandle SEAL_UPDATE = update("EVP_EncryptUpdate");
  static final MethodHandle OPEN_UPDATE = update("EVP_DecryptUpdate");
  static final MethodHandle SEAL_FINAL = last("EVP_EncryptFinal_ex");
  static final MethodHandle OPEN_FINAL = last("EVP_DecryptFinal_ex");
  static final MethodHandle CONTROL =
      find("EVP_CIPHER_CTX_ctrl", JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_LONG);

  static final MethodHandle MAC_NEW = find("EVP_MAC_CTX_new", JAVA_LONG, JAVA_LONG);
  static final MethodHandle MAC_FREE =
      LINKER.downcallHandle(symbol("EVP_MAC_CTX_free"), FunctionDescriptor.ofVoid(JAVA_LONG));
  static final MethodHandle MAC_INIT =
      find("EVP_MAC_init", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
  static final MethodHandle MAC_UPDATE =
      find("EVP_MAC_update", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG);
  static final MethodHandle MAC_FINAL =
      find("EVP_MAC_final", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);

  // Fetched once and never freed: with them no call looks anything up by name.
  static final long CHACHA20_POLY1305 = fetch(FETCH, "ChaCha20-Poly1305");
  static final long CHACHA20 = fetch(FETCH, "ChaCha20");
  static final long POLY1305 =
      fetch(find("EVP_MAC_fetch", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG), "POLY1305");

  private Libcrypto() {}

  private static MethodHandle init(String name) {
    return find(name, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
  }

  private static MethodHandle update(String name) {
    return find(name, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT);
  }

  private static MethodHandle last(String name) {
    return find(name, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG);
  }

  private static MethodHandle find(String name, MemoryLayout result, MemoryLayout... arguments) {
    return LINKER.downcallHandle(
        symbol(name), FunctionDescriptor.of(result, arguments), Linker.Option.critical(false));
  }

  private static MemorySegment symbol(String name) {
    return LIBRARY
        .find(name)
        .orElseThrow(() -> new UnsatisfiedLinkError("libcrypto has no " + name));
  }

  private static long fetch(MethodHandle call, String algorithm) {
    try (Arena arena = Arena.ofConfined()) {
      long name = arena.allocateFrom(algorithm).address();
      long fetched = (long) call.invokeExact(0L, name, 0L);
      if (fetched == 0) {
        throw new UnsatisfiedLinkError("libcrypto has no " + algorithm);
      }
      return fetched;
    } catch (Throwable t) {
      throw failed(t);
    }
  }

  /// A downcall throws nothing checked; whatever comes is a defect.
  static RuntimeException failed(Throwable t) {
    if (t instanceof Error error) {
      throw error;
    }
    return t instanceof RuntimeException e ? e : new IllegalStateException(t);
  }
}
