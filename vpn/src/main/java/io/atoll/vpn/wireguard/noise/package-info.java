/// The handshake of WireGuard: Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s, its three messages, and what
/// keeps a flood of them from costing much (whitepaper §5.4; the first two rows are Noise's own).
///
/// ```
///   <- s
///   ...
///   -> e, es, s, ss                  <- e, ee, se, psk
///
/// initiation, 148 bytes              response, 92 bytes            cookie reply, 64 bytes
///     0  type 1, three zeros             0  type 2, three zeros       0  type 3, three zeros
///     4  sender's index                  4  sender's index            4  receiver's index
///     8  ephemeral point       32        8  receiver's index          8  nonce          24
///    40  static point, sealed  48       12  ephemeral point  32      32  cookie, sealed 32
///    88  timestamp, sealed     28       44  nothing, sealed  16
///   116  mac1                  16       60  mac1             16
///   132  mac2                  16       76  mac2             16
/// ```
/// Numbers are little-endian. Nothing here has a thread, a clock or a socket.
@NullMarked
package io.atoll.vpn.wireguard.noise;

import org.jspecify.annotations.NullMarked;
