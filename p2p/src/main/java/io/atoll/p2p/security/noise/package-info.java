/// Noise as libp2p runs it: `Noise_XX_25519_ChaChaPoly_SHA256`, empty prologue (noise
/// specification of libp2p; The Noise Protocol Framework, revision 34).
///
/// ```
/// → e                          no payload
/// ← e, ee, s, es  + payload    payload: identity key, signature over the static key, extensions
/// → s, se         + payload
/// frame  = u16 big-endian length · body ≤ 65535
/// record = frame of ChaCha20-Poly1305, nonce 0⁴ · u64 little-endian, counted per direction
/// ```
/// Both ends list their muxers in the payload's extensions; the first of the initiator's list that
/// the responder has is taken and the round of multistream-select is skipped. If either list is
/// missing, the muxer is negotiated as usual.
@NullMarked
package io.atoll.p2p.security.noise;

import org.jspecify.annotations.NullMarked;
