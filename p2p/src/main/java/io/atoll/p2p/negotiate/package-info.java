/// multistream-select 1.0: how two ends agree on a protocol.
///
/// ```
/// frame   = uvarint length (newline included) · utf-8 text · 0x0a
/// dialler → /multistream/1.0.0, then a proposal; it may pipeline both, and its first data
/// listener→ /multistream/1.0.0, then the proposal echoed, or `na`
/// ```
/// Frames are read byte by byte: what follows one belongs to the protocol that was agreed on.
@NullMarked
package io.atoll.p2p.negotiate;

import org.jspecify.annotations.NullMarked;
