/// `/ipfs/id/1.0.0` and `/ipfs/id/push/1.0.0`: what a peer says of itself, and from where it sees
/// the other.
///
/// ```
/// uvarint length · Identify{1 publicKey, 2 listenAddrs*, 3 protocols*, 4 observedAddr,
///                           5 protocolVersion, 6 agentVersion, 8 signedPeerRecord}, then the end
/// ```
/// A reader takes up to ten messages of at most 8 KiB each and merges them; this writer sends one,
/// or two where the signed record does not fit into the first.
@NullMarked
package io.atoll.p2p.identify;

import org.jspecify.annotations.NullMarked;
