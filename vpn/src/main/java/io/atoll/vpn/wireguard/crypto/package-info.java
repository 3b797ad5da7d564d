/// The primitives of WireGuard, each by a library: ChaCha20-Poly1305 by OpenSSL's libcrypto or the
/// JDK, BLAKE2s and X25519 by Bouncy Castle.
@NullMarked
package io.atoll.vpn.wireguard.crypto;

import org.jspecify.annotations.NullMarked;
