/// Self-describing values of the multiformats family: uvarint, base58btc, base32, multihash and
/// multiaddr. Pure functions on bytes and text that may come from strangers: they throw
/// `IllegalArgumentException` with a reason, and nothing else.
@NullMarked
package io.atoll.core.multiformat;

import org.jspecify.annotations.NullMarked;
