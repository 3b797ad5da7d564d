/// Gossipsub 1.1 and 1.2 as a deterministic machine: `step(now, event)` gives actions; no thread,
/// no clock, no socket, no randomness but what it is given. Signatures are checked by the shell
/// (`p2p.gossip`), which the machine asks for a verdict on each message.
///
/// ```
/// uvarint length · RPC{1 SubOpts{1 subscribe, 2 topic}*, 2 Message*, 3 Control}
/// Message{1 from, 2 data, 3 seqno, 4 topic, 5 signature, 6 key}
/// Control{1 IHAVE{1 topic, 2 id*}*, 2 IWANT{1 id*}*, 3 GRAFT{1 topic}*,
///         4 PRUNE{1 topic, 2 Peer{1 id, 2 record}*, 3 backoff}*, 5 IDONTWANT{1 id*}*}
/// ```
/// (libp2p pubsub and gossipsub v1.0, v1.1, v1.2 specifications.) A message's id is its author and
/// its sequence number, one behind the other, as opaque bytes.
@NullMarked
package io.atoll.p2p.gossip.machine;

import org.jspecify.annotations.NullMarked;
