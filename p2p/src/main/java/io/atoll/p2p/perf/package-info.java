/// How fast one stream between two peers is, by the perf protocol of libp2p.
///
/// ```
/// dialler → u64 big-endian: how many bytes it wants · its own bytes · half close
/// listener→ after that half close: exactly as many bytes as were wanted · half close
/// ```
/// Never both at once. Whoever serves it lends his line to everybody who may connect: it is off
/// until a host handles it.
@NullMarked
package io.atoll.p2p.perf;

import org.jspecify.annotations.NullMarked;
