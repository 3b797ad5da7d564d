/// Kademlia as a deterministic machine: `step(now, event)` gives actions; no thread, no clock, no
/// socket, no randomness but what it is given. The network's shell is `p2p.kad`, the simulator
/// runs a thousand of the same.
///
/// ```
/// uvarint length · Message{1 type, 2 key, 3 Record{1 key, 2 value, 5 timeReceived},
///                          8 closerPeers*, 9 providerPeers*}
/// Peer{1 id, 2 addrs*, 3 connection}
/// type: PUT_VALUE 0, GET_VALUE 1, ADD_PROVIDER 2, GET_PROVIDERS 3, FIND_NODE 4, PING 5
/// ```
/// (libp2p kad-dht specification.) Several requests may follow each other on one stream; what is
/// absent is 0; ADD_PROVIDER has no answer; a refused PUT_VALUE is a reset.
///
/// A value under `/atoll/KIND/AUTHOR[/…]` is an envelope (RFC 0002) signed by AUTHOR, see
/// `SignedRecord`; under `/pk/<peer id>` it is that peer's public key. Nothing else is kept.
@NullMarked
package io.atoll.p2p.kad.machine;

import org.jspecify.annotations.NullMarked;
